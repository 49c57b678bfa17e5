// Bounds of what people do with devices: payloads that they paste, conformance of senders.

export const deviceBounds = {
  /** A payload in the playground, in bytes: pasted by hand, decoded while a person waits. */
  playgroundBytesMax: 64 * 1024,
  /** Text of a body that is shown: what gzip makes of a small one may be 1000 times as long. */
  explainedBytesMax: 256 * 1024,
  /** Readings that the playground lists; it counts all. */
  playgroundReadingsMax: 500,
  /** The newest refusals of a device that its conformance is graded by. */
  refusalsGradedMax: 1000,
} as const

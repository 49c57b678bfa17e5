// The camera as a scanner: frames are read by ZXing as WebAssembly, which is loaded only when
// somebody asks for the camera. No picture leaves the browser.
import { useEffect, useRef } from 'preact/hooks'

export interface CameraProps {
  name: string
  onCode(code: string): void
  /** Why there is no camera. */
  onProblem(reason: string): void
}

const everyMs = 200
/** Enough for a DataMatrix of 2 cm at arm's length, and read in some 30 ms. */
const widthPx = 960

export function Camera({ name, onCode, onProblem }: CameraProps) {
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    let stopped = false
    let stream: MediaStream | undefined
    const watch = async (): Promise<void> => {
      const element = video.current
      if (!element) return
      if (!navigator.mediaDevices) throw new Error('no HTTPS')
      const [read] = await Promise.all([openReader(), openStream()])
      element.srcObject = stream ?? null
      await element.play()
      while (!stopped) {
        const [code] = element.videoWidth > 0 ? await read(element) : []
        if (code && !stopped) return onCode(code)
        await new Promise((resolve) => setTimeout(resolve, everyMs))
      }
    }
    const openStream = async (): Promise<void> => {
      const asked = { facingMode: 'environment', width: { ideal: 1280 } }
      stream = await navigator.mediaDevices.getUserMedia({ video: asked })
      if (stopped) stop()
    }
    const stop = (): void => {
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
    watch().catch((error: unknown) => {
      if (!stopped) onProblem(error instanceof Error ? error.message : String(error))
    })
    return () => {
      stopped = true
      stop()
    }
  }, [])
  return (
    <div class="camera">
      <video ref={video} aria-label={name} muted playsInline />
    </div>
  )
}

/** Codes with their symbology identifiers, as a reader would send them. */
async function openReader(): Promise<(from: HTMLVideoElement) => Promise<string[]>> {
  const [{ prepareZXingModule, readBarcodes }, { default: wasm }] = await Promise.all([
    import('zxing-wasm/reader'),
    import('zxing-wasm/reader/zxing_reader.wasm?url'),
  ])
  // Its own default is a download from elsewhere.
  prepareZXingModule({ overrides: { locateFile: () => wasm } })
  const canvas = document.createElement('canvas')
  const drawing = canvas.getContext('2d', { willReadFrequently: true })
  return async (from) => {
    canvas.width = Math.min(widthPx, from.videoWidth)
    canvas.height = Math.round((canvas.width * from.videoHeight) / from.videoWidth)
    drawing?.drawImage(from, 0, 0, canvas.width, canvas.height)
    const picture = drawing?.getImageData(0, 0, canvas.width, canvas.height)
    if (!picture) return []
    const found = await readBarcodes(picture, {
      formats: ['DataMatrix', 'QRCode', 'Code128'],
      maxNumberOfSymbols: 1,
      tryHarder: true,
    })
    return found
      .filter(({ isValid }) => isValid)
      .map(
        ({ symbologyIdentifier, bytes }) => symbologyIdentifier + new TextDecoder().decode(bytes),
      )
  }
}

// What Vite brings beside code: styles, and addresses of files.
declare module '*.css'
declare module '*?url' {
  const url: string
  export default url
}

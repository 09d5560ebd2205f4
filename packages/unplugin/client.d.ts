// Types of marked imports. TypeScript allows one * in a pattern, so write the marker last ('./a.jpg?crop&nobg'), name a model or
// preset in it ('./a.jpg?nobg=portrait'), or use the sibling spelling './a.nobg.jpg', which vite/client knows as an image.
// A preset of your own takes one declaration of the same form.

declare module '*?nobg' {
  const url: string
  export default url
}

declare module '*&nobg' {
  const url: string
  export default url
}

declare module '*nobg&url' {
  const url: string
  export default url
}

declare module '*nobg&inline' {
  const url: string
  export default url
}

declare module '*nobg&no-inline' {
  const url: string
  export default url
}

declare module '*nobg=general-light' {
  const url: string
  export default url
}

declare module '*nobg&model=general-light' {
  const url: string
  export default url
}

declare module '*nobg=general-heavy' {
  const url: string
  export default url
}

declare module '*nobg&model=general-heavy' {
  const url: string
  export default url
}

declare module '*nobg=portrait' {
  const url: string
  export default url
}

declare module '*nobg&model=portrait' {
  const url: string
  export default url
}

declare module '*nobg=matting' {
  const url: string
  export default url
}

declare module '*nobg&model=matting' {
  const url: string
  export default url
}

declare module '*nobg=general-2048' {
  const url: string
  export default url
}

declare module '*nobg&model=general-2048' {
  const url: string
  export default url
}

declare module '*nobg=u2netp' {
  const url: string
  export default url
}

declare module '*nobg&model=u2netp' {
  const url: string
  export default url
}

declare module '*nobg=isnet' {
  const url: string
  export default url
}

declare module '*nobg&model=isnet' {
  const url: string
  export default url
}

declare module '*nobg=modnet' {
  const url: string
  export default url
}

declare module '*nobg&model=modnet' {
  const url: string
  export default url
}

declare module '*nobg=ben2' {
  const url: string
  export default url
}

declare module '*nobg&model=ben2' {
  const url: string
  export default url
}

declare module '*nobg&outputMask' {
  const url: string
  export default url
}

declare module '*nobg&crop' {
  const url: string
  export default url
}

declare module '*nobg&outputFormat=webp' {
  const url: string
  export default url
}

declare module '*nobg&outputFormat=avif' {
  const url: string
  export default url
}

// Types of marked imports. TypeScript allows one * in a pattern. So write the marker last ('./a.jpg?crop&nobg'), name a model or a
// preset in the marker ('./a.jpg?nobg=portrait'), or write './a.nobg.jpg', for which the host declares a type.
// Declare each of your presets in the same form.

declare module '*?nobg' {
  const image: string
  export default image
}

declare module '*&nobg' {
  const image: string
  export default image
}

declare module '*nobg=true' {
  const image: string
  export default image
}

declare module '*nobg=general-light' {
  const image: string
  export default image
}

declare module '*nobg=general-heavy' {
  const image: string
  export default image
}

declare module '*nobg=portrait' {
  const image: string
  export default image
}

declare module '*nobg=matting' {
  const image: string
  export default image
}

declare module '*nobg=general-light-dynamic' {
  const image: string
  export default image
}

declare module '*nobg=general-2048' {
  const image: string
  export default image
}

declare module '*nobg=matting-2048' {
  const image: string
  export default image
}

declare module '*nobg=u2netp' {
  const image: string
  export default image
}

declare module '*nobg=isnet' {
  const image: string
  export default image
}

declare module '*nobg=modnet' {
  const image: string
  export default image
}

declare module '*nobg=ben2' {
  const image: string
  export default image
}

declare module '*nobg&model=general-light' {
  const image: string
  export default image
}

declare module '*nobg&model=general-heavy' {
  const image: string
  export default image
}

declare module '*nobg&model=portrait' {
  const image: string
  export default image
}

declare module '*nobg&model=matting' {
  const image: string
  export default image
}

declare module '*nobg&model=general-light-dynamic' {
  const image: string
  export default image
}

declare module '*nobg&model=general-2048' {
  const image: string
  export default image
}

declare module '*nobg&model=matting-2048' {
  const image: string
  export default image
}

declare module '*nobg&model=u2netp' {
  const image: string
  export default image
}

declare module '*nobg&model=isnet' {
  const image: string
  export default image
}

declare module '*nobg&model=modnet' {
  const image: string
  export default image
}

declare module '*nobg&model=ben2' {
  const image: string
  export default image
}

declare module '*nobg&outputMask' {
  const image: string
  export default image
}

declare module '*nobg&crop' {
  const image: string
  export default image
}

declare module '*nobg&outputFormat=webp' {
  const image: string
  export default image
}

declare module '*nobg&outputFormat=avif' {
  const image: string
  export default image
}

declare module '*nobg&url' {
  const image: string
  export default image
}

declare module '*nobg&inline' {
  const image: string
  export default image
}

declare module '*nobg&no-inline' {
  const image: string
  export default image
}

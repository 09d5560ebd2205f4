// Types of marked imports in Next.js. TypeScript allows one * in a pattern. So write the marker last ('./a.jpg?crop&nobg'), name a model or a
// preset in the marker ('./a.jpg?nobg=portrait'), or write './a.nobg.jpg', for which the host declares a type.
// Declare each of your presets in the same form.

declare module '*?nobg' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*&nobg' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg=true' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg=general-light' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg=general-heavy' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg=portrait' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg=matting' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg=general-light-dynamic' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg=general-2048' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg=matting-2048' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg=u2netp' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg=isnet' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg=modnet' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg=ben2' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg&model=general-light' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg&model=general-heavy' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg&model=portrait' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg&model=matting' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg&model=general-light-dynamic' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg&model=general-2048' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg&model=matting-2048' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg&model=u2netp' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg&model=isnet' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg&model=modnet' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg&model=ben2' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg&outputMask' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg&crop' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg&outputFormat=webp' {
  const image: import('next/image').StaticImageData
  export default image
}

declare module '*nobg&outputFormat=avif' {
  const image: import('next/image').StaticImageData
  export default image
}

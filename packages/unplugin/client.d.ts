// biome-ignore-all format: generated
// Types of marked imports. nobg's plugins write a declaration file that refers to this file and
// declares the other marked imports of a project. TypeScript allows one * in a pattern, so that only the end of a query can be
// declared in advance.

declare module "*?nobg" {
  const image: string;
  export default image;
}

declare module "*&nobg" {
  const image: string;
  export default image;
}

declare module "*nobg=true" {
  const image: string;
  export default image;
}

declare module "*nobg=general-light" {
  const image: string;
  export default image;
}

declare module "*nobg=General Use (Light)" {
  const image: string;
  export default image;
}

declare module "*nobg=General%20Use%20(Light)" {
  const image: string;
  export default image;
}

declare module "*nobg=General+Use+(Light)" {
  const image: string;
  export default image;
}

declare module "*nobg=general-heavy" {
  const image: string;
  export default image;
}

declare module "*nobg=General Use (Heavy)" {
  const image: string;
  export default image;
}

declare module "*nobg=General%20Use%20(Heavy)" {
  const image: string;
  export default image;
}

declare module "*nobg=General+Use+(Heavy)" {
  const image: string;
  export default image;
}

declare module "*nobg=portrait" {
  const image: string;
  export default image;
}

declare module "*nobg=Portrait" {
  const image: string;
  export default image;
}

declare module "*nobg=matting" {
  const image: string;
  export default image;
}

declare module "*nobg=Matting" {
  const image: string;
  export default image;
}

declare module "*nobg=general-light-dynamic" {
  const image: string;
  export default image;
}

declare module "*nobg=general-light-fp16" {
  const image: string;
  export default image;
}

declare module "*nobg=general-heavy-fp16" {
  const image: string;
  export default image;
}

declare module "*nobg=portrait-fp16" {
  const image: string;
  export default image;
}

declare module "*nobg=general-2048" {
  const image: string;
  export default image;
}

declare module "*nobg=matting-2048" {
  const image: string;
  export default image;
}

declare module "*nobg=u2netp" {
  const image: string;
  export default image;
}

declare module "*nobg=isnet" {
  const image: string;
  export default image;
}

declare module "*nobg=modnet" {
  const image: string;
  export default image;
}

declare module "*nobg=ben2" {
  const image: string;
  export default image;
}

declare module "*&model=general-light" {
  const image: string;
  export default image;
}

declare module "*&model=General Use (Light)" {
  const image: string;
  export default image;
}

declare module "*&model=General%20Use%20(Light)" {
  const image: string;
  export default image;
}

declare module "*&model=General+Use+(Light)" {
  const image: string;
  export default image;
}

declare module "*&model=general-heavy" {
  const image: string;
  export default image;
}

declare module "*&model=General Use (Heavy)" {
  const image: string;
  export default image;
}

declare module "*&model=General%20Use%20(Heavy)" {
  const image: string;
  export default image;
}

declare module "*&model=General+Use+(Heavy)" {
  const image: string;
  export default image;
}

declare module "*&model=portrait" {
  const image: string;
  export default image;
}

declare module "*&model=Portrait" {
  const image: string;
  export default image;
}

declare module "*&model=matting" {
  const image: string;
  export default image;
}

declare module "*&model=Matting" {
  const image: string;
  export default image;
}

declare module "*&model=general-light-dynamic" {
  const image: string;
  export default image;
}

declare module "*&model=general-light-fp16" {
  const image: string;
  export default image;
}

declare module "*&model=general-heavy-fp16" {
  const image: string;
  export default image;
}

declare module "*&model=portrait-fp16" {
  const image: string;
  export default image;
}

declare module "*&model=general-2048" {
  const image: string;
  export default image;
}

declare module "*&model=matting-2048" {
  const image: string;
  export default image;
}

declare module "*&model=u2netp" {
  const image: string;
  export default image;
}

declare module "*&model=isnet" {
  const image: string;
  export default image;
}

declare module "*&model=modnet" {
  const image: string;
  export default image;
}

declare module "*&model=ben2" {
  const image: string;
  export default image;
}

declare module "*nobg&outputMask" {
  const image: string;
  export default image;
}

declare module "*nobg&crop" {
  const image: string;
  export default image;
}

declare module "*nobg&outputFormat=webp" {
  const image: string;
  export default image;
}

declare module "*nobg&outputFormat=avif" {
  const image: string;
  export default image;
}

declare module "*nobg&url" {
  const image: string;
  export default image;
}

declare module "*nobg&inline" {
  const image: string;
  export default image;
}

declare module "*nobg&no-inline" {
  const image: string;
  export default image;
}

import { expect, test } from 'vitest'
import { findUnprocessed } from '../../src/references/unprocessed.ts'

const image = '<img src="/ada.jpg?nobg">'
const quoted = JSON.stringify(image)
const template = `\`${image}\${n(x)}\``
const assets = new Set(['/ada.jpg'])

function isReported(script: string): boolean {
  return findUnprocessed([{ fileName: 'main.js', text: script }], assets).length > 0
}

test.for([
  `jsx("pre", { children: ${template} })`,
  `jsx("pre", { children: \`a \${f({ b: \`\${1}\` })} ${image}\` })`,
  `jsx("pre", { children: x ? ${quoted} : ("a" + ${quoted}) })`,
  `jsx("pre", { children: \`a \${x ? ${quoted} : ""}\` })`,
  `Code(node, { code: ${template} })`,
  `code.textContent = ${template}`,
  `code.textContent=f(${quoted})`,
  `e("pre",{textContent:k(${quoted}+y)},null,8,n)`,
  `text.nodeValue = "a" + ${quoted}`,
  `effect(() => text.data = ${template})`,
  `set_text(text, ${template})`,
  `$.set_text(text, ${template})`,
  `insert(code, () => ${template})`,
  `push(\`<pre>\${escape_html(${template})}</pre>\`)`,
  `push(\`<pre>\${escape$1(${quoted})}</pre>\`)`,
  'push(`<!---->&lt;img src="/ada.jpg?nobg">`)',
  `React.createElement("code", null, ${template})`,
  `React.createElement(Code, { lang: "html" }, y, ${quoted})`,
  `(0, react.createElement)("code", void 0, ${quoted})`,
  `(0,r.Lk)("code",n,${quoted})`,
  `createElement$1("my-code", props, ${quoted})`,
  `_createTextVNode(" " + ${quoted} + _toDisplayString(x), 1)`,
  `e("code",null,${template},1)`,
  `e("code",t,${quoted})`,
  `e("p",null,[r(${quoted}),e("b",null,"b")])`,
  `e("p",null,[t[0]||(t[0]=r(${quoted},-1)),e("b",null,"b")])`,
  `e("code",null,n(${quoted}),-1)`,
  `{default:i(()=>[r(${quoted},-1)])}`,
  `{default:i(()=>[r(${template},1)])}`,
  `h(Code,{lang:"html"},${quoted})`,
])('%s shows code', script => {
  expect(isReported(script)).toBe(false)
})

test.for([
  `fetch("x", options, ${quoted})`,
  `emit("change", value, ${quoted})`,
  `emit("input", null, ${quoted})`,
  `t("change",e,${quoted})`,
  `createContextualFragment(${quoted})`,
  `createContext(${quoted})`,
  `setAttributeFromContext(${quoted})`,
  `nextTextBlock(${quoted})`,
  `insertAdjacentHTML("beforeend", ${template})`,
  `setHtml("div", null, ${quoted})`,
  `document.write(${template})`,
  `code.textContent = "a"; code.innerHTML = ${quoted}`,
  `code.textContent = "a", show(${quoted})`,
  `x.data = "/ada.jpg?nobg"`,
  `$.html(node, () => ${template})`,
  `$.from_html(${quoted}, 1)`,
  `createStaticVNode(${quoted}, 1)`,
  `e("div",null,[r(${quoted},1)])`,
  `e("div",null,[r(\`${image}\`,2)])`,
  `e("div",null,[r('<img src="'+u+'">'+${quoted},1)])`,
  `e("div",null,[r(\`<img src="\${u}">${image}\`,1)])`,
  `e(t,()=>${template})`,
  `jsx("p", { children: jsx("b", { dangerouslySetInnerHTML: { __html: ${template} } }) })`,
  `jsx("p", { children: parse(${quoted}) })`,
  `e("p",{children:p(${quoted})})`,
  `jsx("style", { children: "a { background: url(/ada.jpg?nobg) }" })`,
  `h("style", null, "a { background: url(/ada.jpg?nobg) }")`,
  `h("img", { src: "/ada.jpg?nobg" }, null)`,
  `e("img",t,"/ada.jpg?nobg")`,
  `e("p",null,"/ada.jpg?nobg")`,
  `\`<p>\${jsx("b", { children: \`b\` })}${image}</p>\``,
  `x = { children: [] , html: ${quoted} }`,
  `x = y ? children : ${quoted}`,
  `x.children[${quoted}]`,
])('%s refers to the picture', script => {
  expect(isReported(script)).toBe(true)
})

/** Replaces the user and the password of each address in a text, also a password that contains `@`. */
export function hideCredentials(text: string): string {
  return text.replace(/:\/\/[^\s/?#]*@/g, '://***@')
}

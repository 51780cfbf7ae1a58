/**
 * True where the first bytes of a file look like text: UTF-16 with a byte order mark, or UTF-8 without NUL. A character
 * that is cut off at the end does not count against it.
 */
export function isProbablyText(head: Uint8Array): boolean {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  if (head.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

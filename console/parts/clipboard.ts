/**
 * Put a text on the clipboard. Over plain http browsers have only the old way.
 *
 * @returns false when the browser refuses
 */
export async function copyText(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyBySelection(text); // Not allowed, as in a frame.
    }
  }
  return copyBySelection(text);
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  // Inside an open dialog, or its focus trap would take the selection away.
  const host = document.querySelector('[role="dialog"]') ?? document.body;
  host.append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  return isCopied;
}

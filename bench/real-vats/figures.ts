/** Keys of figures that belong to a vat. */
export const figureKey = (vat: string, phase: string): string => `${vat}: ${phase}`;

export const splitFigureKey = (
  key: string,
): { readonly vat: string; readonly phase: string } | undefined => {
  const at = key.lastIndexOf(': ');
  return at < 0 ? undefined : { vat: key.slice(0, at), phase: key.slice(at + 2) };
};

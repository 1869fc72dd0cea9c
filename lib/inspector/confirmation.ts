/** What a person types to end a vat, for the page and for the server. */

const MOST_CHARACTERS = 100;

/** Without spaces that a browser would not show, and signs that look like others or like nothing. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/** Its name, if that can be typed as it is seen. Else its vatID: whoever made it chose its name. */
export const confirmationOf = (vatID: string, name: string | null | undefined): string =>
  name != null && name.length <= MOST_CHARACTERS && PLAIN.test(name) ? name : vatID;

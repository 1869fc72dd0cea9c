// @ts-check
/** Valid names for new vats. vat-admin checks them, then the kernel does. */

/** True for 1 to 199 letters, digits, `_`, `.` and `-`. @param {unknown} name */
export const isVatName = name => typeof name === 'string' && /^[\w.-]{1,199}$/.test(name);

// @ts-check
/** Names that vats may be created with. vat-admin asks first, the kernel again. */

/** @param {unknown} name whether it is letters, digits, `_`, `.` and `-`, 1 to 199 of them */
export const isVatName = name => typeof name === 'string' && /^[\w.-]{1,199}$/.test(name);

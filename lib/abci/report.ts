/** Tells the operator of a failure that the engine learns as a mere refusal. */
export type Report = (message: string) => void;

const HIDDEN = '•••';
/** Shorter ones would hide half of every text, and prove nothing. */
const MIN_LENGTH = 8;

/** A text without the credentials that a request was sent with: some systems repeat in their answers what they were given. */
export function hideCredentials(
  text: string,
  headers: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string>> = {},
): string {
  // Of `Bearer abc` the second part is the secret.
  const values = [
    ...Object.values(headers).map((value) => value.replace(/^\w+ /, '')),
    ...Object.values(query),
  ];
  let hidden = text;
  for (const value of values) {
    if (value.length >= MIN_LENGTH && hidden.includes(value)) hidden = hidden.replaceAll(value, HIDDEN);
  }
  return hidden;
}

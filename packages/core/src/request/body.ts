import { MillraceError } from '../errors.ts';
import type { HttpRequest } from '../exchange.ts';
import { isObject, type Json } from '../json.ts';

/** How a body is written. */
export type Encoding = 'json' | 'form' | 'text';

type Body = Pick<HttpRequest, 'json' | 'text' | 'headers'>;

/** The body of a request. Throws `request.invalid` where it cannot be written that way. */
export function encodeBody(body: Json, encoding: Encoding): Body {
  switch (encoding) {
    case 'json':
      return { json: body };
    case 'form':
      return {
        text: encodeForm(body),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      };
    case 'text':
      if (typeof body === 'string') return { text: body };
      throw new MillraceError('request.invalid', 'The body is to be sent as text, and is none', {
        hint: 'Make a text of it before, such as by the transformer serialize.',
      });
  }
}

function encodeForm(body: Json): string {
  if (!isObject(body)) {
    throw new MillraceError('request.invalid', 'The body is to be sent as a form, and is no object', {
      hint: 'Give it keys and values.',
    });
  }
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) {
    const members: readonly Json[] = Array.isArray(value) ? value : [value];
    for (const member of members) {
      if (member !== null)
        form.append(name, typeof member === 'object' ? JSON.stringify(member) : String(member));
    }
  }
  return form.toString();
}

/** The one HTTP client of Millrace, on got. Plugins build theirs with {@link createHttp}. */
export { cap, describeBody, failedOutcome, rejection } from './failure.ts';
export { createHttp, exchangeOf, HttpClient, type HttpOptions } from './http-client.ts';
export { type Limit, parseLimit } from './limit.ts';
export { pause } from './pause.ts';
export { publishEach } from './publish-each.ts';
export { buildUrl, type HttpRequest, type HttpResponse, type Method, type QueryLists } from './request.ts';
export { Concurrency, connectionSettings, LimitOption, Timeout } from './settings.ts';
export { refusalCode, type TokenRequest, TokenSource, type TokenSourceOptions } from './token.ts';

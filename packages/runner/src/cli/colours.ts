import picocolors from 'picocolors';

const { env, stdout } = process;

/**
 * Colours on a terminal only, or where FORCE_COLOR asks for them; never where NO_COLOR forbids them. picocolors alone
 * would also colour whatever a CI system pipes into a file or another program.
 */
const colours = picocolors.createColors(
  !env.NO_COLOR && (Boolean(env.FORCE_COLOR) || (stdout.isTTY === true && env.TERM !== 'dumb')),
);

export default colours;

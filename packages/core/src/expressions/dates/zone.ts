import { FixedOffsetZone, IANAZone, type Zone } from 'luxon';
import { nearest } from '../../option-findings.ts';
import { BoundedCache } from '../functions/bounded-cache.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Before it, clocks were changed twice a day here and there. */
const REGULAR_SINCE = Date.UTC(1950, 0, 1);

/** A time zone: a name of the IANA data base, `UTC`, or a fixed offset such as `+01:00`. */
export class TimeZone {
  readonly name: string;
  readonly zone: Zone;
  /** Offsets at the beginnings of days. */
  readonly #offsets = new BoundedCache((day) => ({ minutes: this.zone.offset(Number(day) * DAY) }));

  constructor(name: string, zone: Zone) {
    this.name = name;
    this.zone = zone;
  }

  /**
   * The instant of a local time, given as if it were UTC. A time that a change of clocks skips is moved on by the
   * change; of one that comes twice, it is the first.
   */
  instantOf(local: number): number {
    const before = this.zone.offset(local - DAY);
    const after = this.zone.offset(local + DAY);
    const valid = [before, after]
      .map((offset) => ({ at: local - offset * MINUTE, offset }))
      .filter(({ at, offset }) => this.zone.offset(at) === offset)
      .map(({ at }) => at);
    return valid.length > 0 ? Math.min(...valid) : local - before * MINUTE;
  }

  /** Minutes that the zone is ahead of UTC at an instant. */
  offsetAt(at: number): number {
    if (this.zone.isUniversal) return this.zone.offset(at);
    if (at < REGULAR_SINCE) return this.zone.offset(at);
    // Asking the platform is slow. Between two equal midnights nothing changes.
    const day = Math.floor(at / DAY);
    const { minutes } = this.#offsets.get(String(day));
    return minutes === this.#offsets.get(String(day + 1)).minutes ? minutes : this.zone.offset(at);
  }
}

const OFFSET = /^(?:UTC)?([+-])(\d{1,2})(?::?(\d\d))?$/;

const zones = new BoundedCache((name) => {
  const match = OFFSET.exec(name);
  if (match) {
    const [, sign, hours, minutes = '0'] = match;
    const ahead = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
    if (Math.abs(ahead) <= 18 * 60) return new TimeZone(name, FixedOffsetZone.instance(ahead));
  }
  if (/^(?:utc|z)$/i.test(name)) return new TimeZone('UTC', FixedOffsetZone.utcInstance);
  const zone = IANAZone.create(name);
  if (zone.isValid) return new TimeZone(name, zone);
  const near = nearest(name, Intl.supportedValuesOf('timeZone'));
  throw new RangeError(
    `there is no time zone "${name}"; ${near === undefined ? 'zones are written like Europe/Amsterdam' : `did you mean "${near}"?`}`,
  );
});

/** The zone of a name. Throws where there is none. */
export function zoneOf(name: string): TimeZone {
  return zones.get(name);
}

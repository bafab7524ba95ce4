import {compareCodeUnits} from '../core/digest.js';
import {printableLine} from '../core/printable.js';
import type {FetchEvent} from '../core/source-store.js';

type Retried = Extract<FetchEvent, {readonly kind: 'fetch-retried'}>;

/** The text for a failed download attempt. */
export function retriedText({source, url, reason}: Retried): string {
  return `${source.fileName}: ${printableLine(`${url}: ${reason}`)}; trying again or elsewhere`;
}

/** Collects failures per host, for the summary at the end of a run. */
export class FetchTroubles {
  private readonly byHost = new Map<string, {count: number; readonly lastReason: string}>();

  take({url, reason}: Retried): void {
    const host = URL.canParse(url) ? new URL(url).host : url;
    const count = (this.byHost.get(host)?.count ?? 0) + 1;
    this.byHost.set(host, {count, lastReason: reason});
  }

  /** One line for each host, by name. Clears the collection. */
  lines(): readonly string[] {
    const lines = [...this.byHost]
      .sort(([left], [right]) => compareCodeUnits(left, right))
      .map(([host, {count, lastReason}]) =>
        printableLine(
          `${host} did not serve: ${count} ${count === 1 ? 'try' : 'tries'} went wrong, the last one because ${lastReason}`,
        ),
      );
    this.byHost.clear();
    return lines;
  }
}

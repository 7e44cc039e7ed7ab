/** Compares what shadow mode forecasts for a list of requests with what enforcing withholds from the same ones. */

import type { BlogDoor } from './doors.ts';
import { doorText } from './doors.ts';
import type { RightsGateway } from './rights-gateway.ts';

interface Sums {
  readonly withheld: number;
  readonly wouldWithhold: number;
  readonly wouldWithholdPosts: number;
  readonly posts: number;
}

interface Forecast {
  readonly classes: ReadonlyArray<Sums & { readonly class: string }>;
}

const NONE: Sums = { withheld: 0, wouldWithhold: 0, wouldWithholdPosts: 0, posts: 0 };

/** Leaves the gateway in mode `enforce`. */
export async function forecastFaults(rights: RightsGateway, doors: readonly BlogDoor[]): Promise<string[]> {
  const forecast = () => rights.gateway.admin<Forecast>('POST', '/v1/rights/what-if', {});
  const faults: string[] = [];
  await rights.setMode('shadow');
  const start = await forecast();
  const served = await refusedBy(rights, doors);
  for (const [asker, refused] of served) {
    for (const door of refused) faults.push(`shadow mode withholds ${door} from the ${asker}`);
  }
  const shadow = await forecast();
  await rights.setMode('enforce');
  const before = await forecast();
  const enforced = await refusedBy(rights, doors);
  const after = await forecast();
  for (const { name, class: own } of rights.askers) {
    const [began, shadowed] = [sumsOf(start, own), sumsOf(shadow, own)];
    const [from, to] = [sumsOf(before, own), sumsOf(after, own)];
    const forecasted = shadowed.wouldWithhold - began.wouldWithhold;
    const keptPosts = shadowed.posts - began.posts - (shadowed.wouldWithholdPosts - began.wouldWithholdPosts);
    const answers = [forecasted, to.withheld - from.withheld, enforced.get(name)!.length];
    const posts = [keptPosts, to.posts - from.posts];
    process.stdout.write(
      `${name}\tforecast ${answers[0]}\trecorded ${answers[1]}\treceived ${answers[2]}\t` +
        `posts withheld ${shadowed.wouldWithholdPosts - began.wouldWithholdPosts}\n`,
    );
    if (new Set(answers).size > 1) faults.push(`${name}: ${answers.join(', ')} answers`);
    if (new Set(posts).size > 1) faults.push(`${name}: ${posts.join(', ')} posts remain`);
  }
  return faults;
}

/** The doors at which the gateway refuses each asker. */
async function refusedBy(
  { askers, send }: RightsGateway,
  doors: readonly BlogDoor[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const refused = new Map<string, string[]>();
  for (const asker of askers) {
    const own: string[] = [];
    for (const door of doors) {
      if ((await send(door, asker.headers(door))).code !== null) own.push(doorText(door));
    }
    refused.set(asker.name, own);
  }
  return refused;
}

function sumsOf({ classes }: Forecast, own: string): Sums {
  return classes.find((one) => one.class === own) ?? NONE;
}

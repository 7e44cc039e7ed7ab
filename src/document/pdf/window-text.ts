/** The window of a claim's tariffs in words. */

import { DEFAULT_WINDOW_MS, type Tariff } from '../../tariff/tariff.ts';
import { durationText } from '../format.ts';
import type { Claim } from '../input.ts';
import type { DocumentTexts } from '../texts/texts.ts';

export function windowText({ tariffs }: Claim, { signs }: DocumentTexts): string {
  const damages = tariffs.map(({ tariff }) => tariff).filter(isDamagesTariff);
  return durationText(damages[0]?.windowSeconds ?? DEFAULT_WINDOW_MS / 1000, signs);
}

function isDamagesTariff(tariff: Tariff | null): tariff is Tariff & { kind: 'damages' } {
  return tariff?.kind === 'damages';
}

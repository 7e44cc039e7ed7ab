/** The event of a changed tariff. */

import { isoTimestamp } from '../report/timestamp.ts';
import { formatMoney } from '../tariff/money.ts';
import type { Tariff, TariffVersion } from '../tariff/tariff.ts';
import type { EventData, NewEvent } from './event.ts';

/** @param isWithdrawn false: the version was added. */
export function tariffEvent(
  { clientId, version, validFromMs, tariff }: TariffVersion,
  reason: string,
  { actor, atMs }: { readonly actor: string; readonly atMs: number },
  isWithdrawn = false,
): NewEvent {
  return {
    type: 'tariff.changed',
    subject: clientId === null ? 'tariffs' : `clients/${clientId}/tariffs`,
    clientId,
    atMs,
    data: {
      client: clientId,
      tariffVersion: version,
      isWithdrawn,
      validFrom: isoTimestamp(validFromMs),
      ...termsOf(tariff),
      reason,
      actor,
    },
  };
}

function termsOf(tariff: Tariff | null): EventData {
  if (tariff === null) return { kind: 'default' };
  if (tariff.kind === 'exempt') return { kind: tariff.kind };
  const { kind, priceMinor, currency, block } = tariff;
  const quantity = kind === 'damages' ? { threshold: tariff.threshold } : { included: tariff.included };
  return { kind, ...quantity, price: formatMoney(priceMinor, currency), block, currency };
}

/**
 * Counts posts in XML that may follow noise, such as a PHP warning. Without XML after it, the body is read unchanged.
 */

import { HeldBeginning } from '../form/held-beginning.ts';
import type { FormatCounter } from '../format-counter.ts';
import type { PostCount } from '../post-count.ts';
import { XmlCounter } from './counter.ts';
import type { XmlPlan } from './plan.ts';

export function noisyXmlCounter(plan: XmlPlan, found: PostCount): FormatCounter {
  const xml = new XmlCounter(plan, found);
  const beginning = new HeldBeginning((held, _form, xmlAt) => xml.write(held.subarray(xmlAt)));
  return {
    get failure() {
      return xml.failure;
    },
    write(chunk) {
      if (!beginning.takes(chunk)) xml.write(chunk);
    },
    end() {
      beginning.end();
      xml.end();
    },
    cut: () => beginning.end(),
  };
}

/** The OpenAPI document passes the recommended rules of Redocly and Spectral without an error or a warning. */

import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Spectral } from '@stoplight/spectral-core';
import { oas } from '@stoplight/spectral-rulesets';
import { expect, test } from 'vitest';
import { openApiDocument } from './openapi-document.ts';

const document = await openApiDocument();

test('Redocly finds nothing', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const found = await lintFromString({ source: JSON.stringify(document), config });
  expect(found.map((one) => `${one.ruleId} ${one.location[0]?.pointer} ${one.message}`)).toEqual([]);
});

test('Spectral finds nothing', async () => {
  const spectral = new Spectral();
  spectral.setRuleset({ extends: [[oas, 'recommended']] });
  const found = await spectral.run(document);
  expect(found.map((one) => `${one.code} ${one.path.join('.')} ${one.message}`)).toEqual([]);
});

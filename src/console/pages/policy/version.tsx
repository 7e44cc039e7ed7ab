/** One version of the policy: who stored it and why, the document, and what it publishes. */

import type { z } from 'zod';
import type { SiteDocumentSchema } from '../../../admin/routes/policies/policy-schemas.ts';
import { DOCUMENT_NAMES } from '../../../terms/documents.ts';
import { api } from '../../api.ts';
import type { ConsolePage } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Facts, Panel } from '../../parts/figure.tsx';
import { ProblemNotice } from '../../parts/notice.tsx';
import {
  MatrixTable,
  PolicyFacts,
  type PolicyVersionJson,
  PublishedDocument,
} from '../../parts/rights/policy.tsx';
import { Moment } from '../../parts/value.tsx';

export const policyVersionPage: ConsolePage = {
  path: '/policy/versions/:version',
  async get(c) {
    const path = `/v1/policies/${encodeURIComponent(c.req.param('version') ?? '')}`;
    const found = await api(c).get<PolicyVersionJson>(path);
    if (!found.ok) return problemPage(c, found.problem);
    const documents = await Promise.all(
      DOCUMENT_NAMES.map((name) =>
        api(c).get<z.output<typeof SiteDocumentSchema>>(`${path}/documents/${name}`),
      ),
    );
    const { version, validFrom, createdAt, createdBy, reason, sha256, policy, isInForce } = found.value;
    return page(
      c,
      {
        title: `Policy version ${version}`,
        aside: isInForce ? <Badge tone="good">in force</Badge> : null,
      },
      <>
        <p>
          <a href="/policy">All versions</a>
        </p>
        <Facts
          facts={[
            ['Valid from (UTC)', <Moment at={validFrom} api={`${path}#/validFrom`} seconds />],
            ['Stored (UTC)', <Moment at={createdAt} api={`${path}#/createdAt`} seconds />],
            ['By', createdBy],
            ['Reason', <bdi>{reason}</bdi>],
            ['SHA-256', <code>{sha256}</code>],
          ]}
        />
        <Panel title="What it says">
          <PolicyFacts policy={policy} />
          <MatrixTable matrix={policy.matrix} />
          <details>
            <summary>The document</summary>
            <pre>{JSON.stringify(policy, null, 2)}</pre>
          </details>
        </Panel>
        <Panel title="What it publishes">
          <p>
            Posts have the headers <code>Content-Usage</code> and <code>Link</code>. The robots.txt is merged
            with the platform&rsquo;s as it is now.
          </p>
          {documents.map((document) =>
            document.ok ? (
              <PublishedDocument document={document.value} />
            ) : (
              <ProblemNotice problem={document.problem} hasFocus={false} />
            ),
          )}
        </Panel>
      </>,
    );
  },
};

/** The route that explains which states hold for a post at a time, by which setting of which source. */

import { createRoute, z } from '@hono/zod-openapi';
import { classOutcomes, OUTCOMES } from '../../../report/askers/class-outcomes.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { ASKER_CLASSES } from '../../../rights/asker.ts';
import { WITHHELD_ANSWERS } from '../../../rights/decide.ts';
import { effectiveStates } from '../../../rights/effective.ts';
import { FREE_RESOURCE, MODES } from '../../../rights/enforcement.ts';
import { decidingSettings, foldSettings } from '../../../rights/fold.ts';
import { isFreePath } from '../../../rights/free-path.ts';
import { requestSubjects } from '../../../rights/request-subjects.ts';
import { type StateMask, statesIn } from '../../../rights/state.ts';
import { type Subject, type SubjectKind, subjectOf } from '../../../rights/subject.ts';
import type { PolicyVersion } from '../../../terms/policy.ts';
import { anyRole } from '../../auth.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { TimestampIn, TimestampOut } from '../../fields.ts';
import { fieldProblem, problems } from '../../problem.ts';
import {
  NameQuery,
  ScopeQuery,
  SettingSchema,
  StateNames,
  settingJson,
  stateFields,
  statesJson,
  subjectFields,
} from './rights-schemas.ts';

const query = z.strictObject({
  post: NameQuery.optional(),
  author: NameQuery.optional(),
  blog: NameQuery.optional(),
  path: NameQuery.regex(/^\//, 'must begin with "/"')
    .optional()
    .openapi({ description: 'A path with all its prefixes. Prefixes without settings are omitted.' }),
  scope: ScopeQuery.openapi({ description: 'Scope of the post and the author. Default: empty.' }),
  at: TimestampIn.optional().openapi({
    description: 'Settings that were received later are ignored. Default: now.',
  }),
  regime: z.enum(['opt_out', 'opt_in']).optional().openapi({
    description:
      'What holds for a preference that no subject has set: opt_out permits, opt_in withholds. Default: as the policy says.',
  }),
});

export const ExplanationSchema = z
  .object({
    at: TimestampOut,
    states: StateNames.openapi({ description: 'The states that hold for the post.' }),
    subjects: z.array(
      z.object({
        ...subjectFields,
        ...stateFields,
        decidedBy: z
          .array(SettingSchema)
          .openapi({ description: 'The settings from which the states of the subject follow.' }),
      }),
    ),
    policy: z
      .object({
        version: z.int(),
        classes: z.array(
          z.object({
            class: z.enum(ASKER_CLASSES),
            mode: z.enum(MODES),
            outcome: z.enum(OUTCOMES).openapi({
              description:
                'would_withhold: the mode is shadow, so the post is sent and the decision recorded.',
            }),
            states: StateNames.openapi({ description: 'The states for which it is withheld.' }),
            answer: z
              .enum(WITHHELD_ANSWERS)
              .nullable()
              .openapi({ description: 'What is sent instead of the post.' }),
          }),
        ),
      })
      .nullable()
      .openapi({
        description: 'What each class gets under the policy in force at that time; null without one.',
      }),
  })
  .openapi('RightsExplanation');

export function rightsExplainRoute(app: AdminApp, deps: Pick<AdminDeps, 'rights' | 'terms' | 'now'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/rights/explain',
      operationId: 'explainRights',
      summary:
        'The states that hold for a post, its author, its blog and its path, and the settings that decide',
      description:
        'Hard states hold if any subject has them. Of other states, the most specific subject that sets one decides: post, author, blog, path.',
      tags: ['rights'],
      ...anyRole(),
      request: { query },
      responses: { ...json(200, 'The explanation.', ExplanationSchema), ...problems() },
    }),
    async (c) => {
      const { scope, at, regime, ...names } = c.req.valid('query');
      const subjects = subjectsOf(names, scope);
      if (subjects.length === 0) {
        throw fieldProblem(400, 'post', 'is missing', 'name a post, an author, a blog or a path');
      }
      const atMs = at ?? deps.now();
      const settings = await deps.rights.settingsOf(subjects, atMs);
      const found = subjects
        .map((subject, index) => ({
          ...subject,
          states: foldSettings(settings[index]!),
          decidedBy: decidingSettings(settings[index]!),
        }))
        .filter(({ kind, decidedBy }) => kind !== 'path' || decidedBy.length > 0);
      const version = await deps.terms.versions.policyInForce(atMs);
      const mask = effectiveStates(found, regime ?? version?.policy.regime ?? 'opt_out');
      const body = {
        at: isoTimestamp(atMs),
        states: statesIn(mask),
        policy: version === null ? null : outcomesJson(version, mask, names.path),
        subjects: found.map(({ states, decidedBy, ...subject }) => ({
          ...subject,
          ...statesJson(states),
          decidedBy: decidedBy.map(settingJson),
        })),
      };
      return c.json(body, 200);
    },
  );
}

/** As the gateway looks them up: a path includes each of its prefixes, on any host and on that of the blog. */
function subjectsOf(
  { post, author, blog, path }: Readonly<Partial<Record<SubjectKind, string | undefined>>>,
  scope: string,
): Subject[] {
  return [
    ...(post === undefined ? [] : [subjectOf('post', scope, post)]),
    ...(author === undefined ? [] : [subjectOf('author', scope, author)]),
    ...(path === undefined
      ? blog === undefined
        ? []
        : [subjectOf('blog', '', blog)]
      : requestSubjects([], path, blog === undefined ? [] : [blog]).subjects),
  ];
}

function outcomesJson({ version, policy }: PolicyVersion, mask: StateMask, path: string | undefined) {
  const isFree = path !== undefined && isFreePath('GET', path, policy.freePaths);
  return { version, classes: classOutcomes(isFree ? FREE_RESOURCE : mask, policy) };
}

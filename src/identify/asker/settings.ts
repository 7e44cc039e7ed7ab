/** The parts of the configuration that control who agents are: entries of the catalogue, and the grace of claims. */

import { z } from 'zod';
import { AGENT_CLASSES } from '../../rights/asker.ts';
import { SHIPPED_AGENTS } from './catalogue/shipped-agents.ts';
import { isPlainWord } from './catalogue/stop-words.ts';

const literal = z
  .string()
  .min(3)
  .max(100)
  .regex(/^[A-Za-z0-9](?:[ -~]*[A-Za-z0-9])?$/, {
    error: 'must be visible ASCII that begins and ends with a letter or a digit, such as "GPTBot"',
  })
  .refine((text) => !isPlainWord(text), {
    error: 'is a plain word that browsers and names of devices contain; write the product token of the agent',
  });
const httpsUrl = z.url({ protocol: /^https$/, error: 'must be an https:// URL' }).max(1_024);
const nameSuffix = z.string().regex(/^(?:\.[a-z0-9-]{1,63}){2,10}$/, {
  error: 'must be the end of a name with its dot, in lower case, such as ".googlebot.com"',
});

const entrySchema = z
  .strictObject({
    token: literal.describe('The product token, as in robots.txt.'),
    remove: z.boolean().default(false).describe('Removes the agent from the catalogue.'),
    operator: z.string().max(100).optional().describe('The company that runs the agent.'),
    class: z
      .enum(AGENT_CLASSES)
      .optional()
      .describe('The class of its proven requests. Required for an agent that the catalogue lacks.'),
    match: literal
      .optional()
      .describe('Literal that claims the agent in a User-Agent, compared without case. Default: the token.'),
    verify: z
      .strictObject({
        ranges: z.array(httpsUrl).max(20).optional().describe('URLs of published lists of address ranges.'),
        rdns: z
          .array(nameSuffix)
          .max(20)
          .optional()
          .describe('Ends of the names that reverse DNS returns for its addresses.'),
        signatureAgents: z
          .array(httpsUrl)
          .max(20)
          .optional()
          .describe('URLs that sign for the agent (Web Bot Auth).'),
      })
      .default({})
      .describe('How to check a claim. A list replaces that of the catalogue.'),
  })
  .describe('An agent to add, change or remove.');

export const catalogueSchema = z
  .array(entrySchema)
  .max(1_000)
  .default([])
  .superRefine((entries, context) => {
    const shipped = new Set(SHIPPED_AGENTS.map(({ token }) => token.toLowerCase()));
    const seen = new Set<string>();
    for (const [at, entry] of entries.entries()) {
      const token = entry.token.toLowerCase();
      const fault = (field: string, message: string): void =>
        context.addIssue({ code: 'custom', path: [at, field], message, input: entry });
      if (seen.has(token)) fault('token', `${entry.token} has two entries; write one`);
      seen.add(token);
      if (shipped.has(token)) continue;
      if (entry.remove) fault('token', `${entry.token} is not in the catalogue; remove this entry`);
      else if (entry.class === undefined)
        fault('class', `is missing; ${entry.token} is not in the catalogue, so its class is needed`);
    }
  })
  .describe('Additions, changes and removals to the catalogue of agents that Postmeter ships.');

export const graceSchema = z
  .strictObject({
    requests: z.int().min(0).max(10_000).default(20).describe('Requests of one address.'),
    seconds: z.int().min(0).max(3_600).default(10).describe('Seconds from the first such request.'),
  })
  .prefault({})
  .describe(
    'A claimed search crawler that is not checked yet is served as a search crawler for this many requests and seconds of its address, whichever ends first. 0 gives no grace.',
  );

export type CatalogueEntries = z.output<typeof catalogueSchema>;
export type GraceSettings = z.output<typeof graceSchema>;

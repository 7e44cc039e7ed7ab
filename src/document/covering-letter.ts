/** Subject and text of the mail that carries a document, in the language of the document. */

import type { IssuedDocument } from '../invoice/document.ts';
import type { Language } from '../seller/language.ts';
import type { DocumentKind } from './kind.ts';
import type { DocumentRecord } from './port.ts';

interface Words {
  readonly subject: Readonly<Record<DocumentKind, string>>;
  readonly greeting: string;
  readonly attached: string;
  readonly hash: string;
}

/** `{number}` and `{seller}` are filled in. */
const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    subject: {
      invoice: 'Document {number} from {seller}',
      dunning: 'Reminder of document {number} from {seller}',
      statement: 'Statement of account from {seller}',
      letter: 'Letter before action from {seller}',
    },
    greeting: 'Dear Sir or Madam,',
    attached: 'The document is attached to this mail as {file}.',
    hash: 'SHA-256 of the file:',
  },
  de: {
    subject: {
      invoice: 'Dokument {number} von {seller}',
      dunning: 'Mahnung zu Dokument {number} von {seller}',
      statement: 'Kontoauszug von {seller}',
      letter: 'Vorgerichtliche Zahlungsaufforderung von {seller}',
    },
    greeting: 'Sehr geehrte Damen und Herren,',
    attached: 'das Dokument ist dieser E-Mail als {file} beigefügt.',
    hash: 'SHA-256 der Datei:',
  },
  fr: {
    subject: {
      invoice: 'Document {number} de {seller}',
      dunning: 'Rappel du document {number} de {seller}',
      statement: 'Relevé de compte de {seller}',
      letter: 'Mise en demeure de {seller}',
    },
    greeting: 'Madame, Monsieur,',
    attached: 'Le document est joint à ce message : {file}.',
    hash: 'SHA-256 du fichier :',
  },
  es: {
    subject: {
      invoice: 'Documento {number} de {seller}',
      dunning: 'Recordatorio del documento {number} de {seller}',
      statement: 'Extracto de cuenta de {seller}',
      letter: 'Requerimiento previo de {seller}',
    },
    greeting: 'Estimados señores:',
    attached: 'El documento se adjunta a este mensaje como {file}.',
    hash: 'SHA-256 del archivo:',
  },
};

export function coveringLetter(
  { kind, language, fileName, sha256 }: Pick<DocumentRecord, 'kind' | 'language' | 'fileName' | 'sha256'>,
  { displayNumber, seller }: Pick<IssuedDocument, 'displayNumber' | 'seller'>,
): { readonly subject: string; readonly text: string } {
  const words = WORDS[language];
  const name = seller.legalName ?? '';
  const filled = (text: string) =>
    text
      .replace('{number}', () => displayNumber)
      .replace('{seller}', () => name)
      .replace('{file}', () => fileName);
  const paragraphs = [words.greeting, filled(words.attached), `${words.hash} ${sha256}`, name];
  return { subject: filled(words.subject[kind]), text: `${paragraphs.join('\n\n')}\n` };
}

/** The languages of documents. */

export const LANGUAGES = ['en', 'de', 'fr', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A text by language. Languages without an entry fall back to English. */
export type Translated = Readonly<Partial<Record<Language, string>>>;

/** Returns the text in the language, else in English, else null. */
export function textIn(texts: Translated, language: Language): string | null {
  return texts[language] ?? texts.en ?? null;
}

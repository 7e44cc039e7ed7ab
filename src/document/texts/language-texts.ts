/** The texts of each language. */

import type { Language } from '../../seller/language.ts';
import { DE } from './de.ts';
import { EN } from './en.ts';
import { ES } from './es.ts';
import { FR } from './fr.ts';
import type { DocumentTexts } from './texts.ts';

export const DOCUMENT_TEXTS: Readonly<Record<Language, DocumentTexts>> = { en: EN, de: DE, fr: FR, es: ES };

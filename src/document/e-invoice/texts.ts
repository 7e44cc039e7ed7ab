/**
 * The words of e-invoices in four languages. Figures are written as in the data: no grouping, a point for decimals,
 * ISO dates.
 */

import type { InvoiceKind } from '../../invoice/model.ts';
import type { Language } from '../../seller/language.ts';
import type { ClaimKind } from '../../seller/model.ts';
import type { Rounding } from '../../tariff/tariff.ts';

interface EInvoiceTexts {
  readonly claim: Readonly<Record<ClaimKind, string>>;
  readonly credit: string;
  /** Kind and number of a document. */
  readonly documentName: Readonly<Record<InvoiceKind, (number: string) => string>>;
  readonly less: (document: string) => string;
  readonly reversal: (document: string) => string;
  readonly rated: Readonly<Record<Rounding, (posts: number, price: string, block: number) => string>>;
  readonly payableBy: (date: string) => string;
  readonly setOff: (document: string) => string;
  readonly corrects: (document: string, date: string) => string;
  readonly legalBasis: (clause: string, law: string) => string;
  readonly readings: (list: string) => string;
  readonly used: string;
  readonly coDebtors: (names: string) => string;
  readonly seal: (contentHash: string, usageHash: string) => string;
}

export const E_INVOICE_TEXTS: Readonly<Record<Language, EInvoiceTexts>> = {
  en: {
    claim: { damages: 'Liquidated damages', licence: 'Licence' },
    credit: 'Credit',
    documentName: {
      invoice: (number) => `invoice ${number}`,
      supplement: (number) => `supplement ${number}`,
      credit_note: (number) => `credit note ${number}`,
    },
    less: (document) => `Less ${document}`,
    reversal: (document) => `Reversal of ${document}`,
    rated: {
      prorated: (posts, price, block) =>
        `Posts: ${posts}. Price: ${price} per ${block} posts, in proportion.`,
      completed: (posts, price, block) =>
        `Posts: ${posts}. Price: ${price} per completed block of ${block} posts.`,
      started: (posts, price, block) =>
        `Posts: ${posts}. Price: ${price} per started block of ${block} posts.`,
    },
    payableBy: (date) => `Payable by ${date} without deduction.`,
    setOff: (document) => `Set off against ${document}. Any remainder is a balance in favour of the buyer.`,
    corrects: (document, date) => `Corrects ${document} of ${date}.`,
    legalBasis: (clause, law) => `Legal basis: ${clause}. Law: ${law}.`,
    readings: (list) => `Amount by each reading of the clause: ${list}.`,
    used: 'used here',
    coDebtors: (names) =>
      `Jointly and severally liable: ${names}. Payment by any party discharges all to that extent.`,
    seal: (content, usage) => `Content hash (SHA-256): ${content}. Usage hash (SHA-256): ${usage}.`,
  },
  de: {
    claim: { damages: 'Pauschalierter Schadensersatz', licence: 'Lizenz' },
    credit: 'Gutschrift',
    documentName: {
      invoice: (number) => `Rechnung ${number}`,
      supplement: (number) => `Nachtrag ${number}`,
      credit_note: (number) => `Gutschrift ${number}`,
    },
    less: (document) => `Abzüglich ${document}`,
    reversal: (document) => `Storno: ${document}`,
    rated: {
      prorated: (posts, price, block) => `Posts: ${posts}. Preis: ${price} je ${block} Posts, anteilig.`,
      completed: (posts, price, block) =>
        `Posts: ${posts}. Preis: ${price} je vollem Block von ${block} Posts.`,
      started: (posts, price, block) =>
        `Posts: ${posts}. Preis: ${price} je angefangenem Block von ${block} Posts.`,
    },
    payableBy: (date) => `Zahlbar bis ${date} ohne Abzug.`,
    setOff: (document) => `Wird verrechnet mit: ${document}. Ein Rest ist ein Guthaben des Käufers.`,
    corrects: (document, date) => `Berichtigt: ${document} vom ${date}.`,
    legalBasis: (clause, law) => `Rechtsgrundlage: ${clause}. Recht: ${law}.`,
    readings: (list) => `Betrag nach jeder Lesart der Klausel: ${list}.`,
    used: 'hier verwendet',
    coDebtors: (names) => `Gesamtschuldner: ${names}. Die Zahlung einer Partei befreit insoweit alle.`,
    seal: (content, usage) => `Hash des Inhalts (SHA-256): ${content}. Hash der Nutzung (SHA-256): ${usage}.`,
  },
  fr: {
    claim: { damages: 'Dommages-intérêts forfaitaires', licence: 'Licence' },
    credit: 'Avoir',
    documentName: {
      invoice: (number) => `facture ${number}`,
      supplement: (number) => `facture complémentaire ${number}`,
      credit_note: (number) => `avoir ${number}`,
    },
    less: (document) => `Déduction : ${document}`,
    reversal: (document) => `Annulation : ${document}`,
    rated: {
      prorated: (posts, price, block) => `Posts : ${posts}. Prix : ${price} pour ${block} posts, au prorata.`,
      completed: (posts, price, block) =>
        `Posts : ${posts}. Prix : ${price} par bloc complet de ${block} posts.`,
      started: (posts, price, block) =>
        `Posts : ${posts}. Prix : ${price} par bloc entamé de ${block} posts.`,
    },
    payableBy: (date) => `Payable au plus tard le ${date}, sans escompte.`,
    setOff: (document) => `À imputer sur : ${document}. Le solde éventuel est un crédit de l'acheteur.`,
    corrects: (document, date) => `Rectifie : ${document} du ${date}.`,
    legalBasis: (clause, law) => `Fondement juridique : ${clause}. Droit applicable : ${law}.`,
    readings: (list) => `Montant selon chaque lecture de la clause : ${list}.`,
    used: 'retenue ici',
    coDebtors: (names) =>
      `Débiteurs solidaires : ${names}. Le paiement par une partie libère toutes les autres à due concurrence.`,
    seal: (content, usage) =>
      `Empreinte du contenu (SHA-256) : ${content}. Empreinte de l'usage (SHA-256) : ${usage}.`,
  },
  es: {
    claim: { damages: 'Indemnización pactada por daños y perjuicios', licence: 'Licencia' },
    credit: 'Abono',
    documentName: {
      invoice: (number) => `factura ${number}`,
      supplement: (number) => `factura complementaria ${number}`,
      credit_note: (number) => `nota de abono ${number}`,
    },
    less: (document) => `Deducción: ${document}`,
    reversal: (document) => `Anulación: ${document}`,
    rated: {
      prorated: (posts, price, block) => `Posts: ${posts}. Precio: ${price} por ${block} posts, a prorrata.`,
      completed: (posts, price, block) =>
        `Posts: ${posts}. Precio: ${price} por bloque completo de ${block} posts.`,
      started: (posts, price, block) =>
        `Posts: ${posts}. Precio: ${price} por bloque iniciado de ${block} posts.`,
    },
    payableBy: (date) => `Pagadero hasta el ${date} sin descuento.`,
    setOff: (document) => `Se compensa con: ${document}. El resto es un saldo a favor del comprador.`,
    corrects: (document, date) => `Rectifica: ${document} de ${date}.`,
    legalBasis: (clause, law) => `Fundamento jurídico: ${clause}. Derecho aplicable: ${law}.`,
    readings: (list) => `Importe según cada lectura de la cláusula: ${list}.`,
    used: 'aplicada aquí',
    coDebtors: (names) => `Deudores solidarios: ${names}. El pago de una parte libera a todas en esa medida.`,
    seal: (content, usage) => `Hash del contenido (SHA-256): ${content}. Hash del uso (SHA-256): ${usage}.`,
  },
};

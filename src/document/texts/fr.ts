/** French documents. */

import type { DocumentTexts } from './texts.ts';

const MONTHS = [
  ...['janvier', 'février', 'mars', 'avril', 'mai', 'juin'],
  ...['juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre'],
];
const UNITS = { hour: 'heure', minute: 'minute', second: 'seconde' };
const twoDigits = (value: number) => String(value).padStart(2, '0');
/** Zero and one are singular. */
const plural = (count: number, one: string) => (Math.abs(count) < 2 ? one : `${one}s`);
const ofMonth = (month: string) => (/^[aeo]/.test(month) ? `d\u2019${month}` : `de ${month}`);

export const FR: DocumentTexts = {
  signs: {
    group: '\u00a0',
    decimal: ',',
    date: ({ year, month, day }) => `${day === 1 ? '1er' : day}\u00a0${MONTHS[month - 1]} ${year}`,
    shortDate: ({ year, month, day }) => `${twoDigits(day)}/${twoDigits(month)}/${year}`,
    dayMonth: ({ month, day }) => `${twoDigits(day)}/${twoDigits(month)}`,
    month: (year, month) => `${MONTHS[month - 1]} ${year}`,
    money: (amount, currency) => `${amount}\u00a0${currency}`,
    labelled: (label, value) => `${label}\u00a0: ${value}`,
    duration: (count, unit) => `${count}\u00a0${plural(count, UNITS[unit])}`,
    posts: (text, count) => `${text}\u00a0${plural(count, 'publication')}`,
  },
  invoice: {
    titles: {
      damages: 'Décompte de dommages-intérêts forfaitaires',
      damagesSupplement: 'Décompte complémentaire de dommages-intérêts forfaitaires',
      licence: 'Facture',
      licenceSupplement: 'Facture complémentaire',
      creditNote: 'Avoir',
      letter: 'Mise en demeure avant action en justice',
    },
    draftMark: 'PROJET - pas une créance',
    number: 'Numéro',
    issuedOn: 'Date d\u2019émission',
    dueOn: 'Échéance',
    reference: 'Réf. de paiement',
    buyerReference: 'Votre référence',
    orderNumber: 'Bon de commande',
    clientId: 'Client',
    corrects: 'Rectifie',
    correctsOf: (number, date) => `${number} du ${date}`,
    to: 'À',
    register: 'Registre',
    vatId: 'N° TVA',
    taxId: 'N° fiscal',
    copyOf: (copy, copies, name) => `Exemplaire ${copy} sur ${copies} pour ${name}.`,
    jointly: 'Débiteurs solidaires\u00a0: le paiement de l\u2019un libère tous les autres à due concurrence.',
    ground: (ground) => `Fondement de la responsabilité\u00a0: ${ground}`,
    otherParties: (names) =>
      `Autres débiteurs\u00a0: ${names}. Tous les exemplaires portent sur une seule et même dette.`,
    page: (page, pages) => `Page ${page} sur ${pages}`,
    amounts: {
      damages: 'Montant réclamé',
      licence: 'Montant dû',
      credit: 'Montant crédité',
      letter: 'Montant que nous entendons réclamer',
    },
    payBy: (date) => `Payable au plus tard le ${date}`,
    credited: 'Imputé sur le montant dû',
    letterNotice:
      'Cette lettre n\u2019est pas une facture. Elle ne porte ni numéro de facture ni taxe. Un décompte formel suivra si l\u2019affaire n\u2019est pas réglée.',
    letterDemand: (amount, date) =>
      `D\u2019après nos relevés, vous avez dépassé la limite convenue du nombre de publications. Nous entendons réclamer ${amount}. Nous vous demandons de payer ce montant ou de répondre au plus tard le ${date}.`,
    letterConsequence:
      'Sans paiement ni réponse à cette date, nous émettrons la créance de manière formelle. Nous pourrons ensuite agir en justice sans autre avis.',
    answerBy: 'Réponse avant le',
    writtenOn: 'Date',
    basis: 'Fondement de la créance',
    clauseInForce: (date) => `en vigueur depuis le ${date}`,
    clauseSource: (source) => `Publié à l\u2019adresse\u00a0: ${source}`,
    law: (law) => `Droit applicable et juridiction\u00a0: ${law}`,
    licenceBasis:
      'Le fondement est le contrat de licence entre les parties. Les publications au-delà du nombre compris dans la licence sont facturées au prix convenu.',
    noClause:
      'Le fondement est l\u2019accord entre les parties, aux conditions indiquées ci-dessous pour chaque ligne.',
    correctionBasis: (number, date) =>
      `Ce document rectifie ${number} du ${date}. Les deux forment une seule créance.`,
    lines: 'Calcul',
    columns: { position: 'N°', item: 'Objet', posts: 'Publications', price: 'Prix', amount: 'Montant' },
    damagesItem: (limit, window) =>
      `Publications obtenues en dépassement de la limite de ${limit} par période de ${window}`,
    damagesItemBare: 'Publications obtenues en dépassement de la limite convenue',
    licenceItem: (month, included) =>
      `Publications ${ofMonth(month)} au-delà du nombre compris dans la licence (compris\u00a0: ${included})`,
    licenceItemBare: (month) => `Publications ${ofMonth(month)} au-delà du nombre compris dans la licence`,
    uniquePosts: 'Chaque publication compte une fois par jour UTC.',
    excessOnly: 'Seules les publications au-delà de la limite sont facturées.',
    span: (from, to) => `Du ${from} au ${to} (UTC)`,
    peak: (posts, window, at) => `Maximum\u00a0: ${posts} en ${window}, le ${at}`,
    less: { invoice: 'Moins facture', supplement: 'Moins complément', credit_note: 'Moins avoir' },
    lessOf: (what, number, date) => `${what} ${number} du ${date}`,
    creditFor: (position) => `Avoir sur la ligne ${position}`,
    reason: (reason) => `Motif\u00a0: ${reason}`,
    price: (price, posts) => `${price} pour ${posts}`,
    roundings: {
      prorated: 'au prorata',
      completed: 'blocs complets seulement',
      started: 'chaque bloc entamé',
    },
    net: 'Montant net',
    tax: 'Taxe',
    taxCategories: {
      O: 'Hors champ de la TVA',
      S: 'TVA au taux normal',
      Z: 'TVA au taux zéro',
      E: 'Exonéré de TVA',
      AE: 'Autoliquidation de la TVA',
      G: 'Exportation exonérée de TVA',
      K: 'Livraison intracommunautaire exonérée de TVA',
    },
    taxCategory: (name, code) => `${name} (catégorie ${code})`,
    total: 'Total',
    counting: 'Comment les publications ont été comptées',
    countingRules: (window) =>
      `Chaque réponse au client a été comptée lors de sa remise. Les publications de chaque minute ont été additionnées, à chaque minute, sur les dernières ${window}.`,
    partlyCharged: (posts, billed) => `Le dépassement comprend ${posts}, dont ${billed} sont facturées.`,
    countingDoubt:
      'Les requêtes refusées comptent pour zéro. En cas de doute sur le nombre de publications d\u2019une réponse, le nombre le plus bas a été retenu.',
    chart: (window) => `Publications par période de ${window}`,
    chartAlt: (peak, at, threshold, from, to) =>
      `Graphique du total glissant du ${from} au ${to}. Il atteint son maximum de ${peak} le ${at}. La limite est de ${threshold}.`,
    threshold: 'Limite',
    rollingTotal: 'Total glissant',
    breach: 'Dépassement',
    unmetered: 'Non compté',
    identifiers: 'Publications par identifiant du client',
    identifierKinds: {
      api_key: 'Clé d\u2019API',
      cidr: 'Plage d\u2019adresses',
      agent: 'Agent',
      address: 'Adresse',
    },
    identifier: 'Identifiant',
    kind: 'Type',
    noGaps: 'Le comptage n\u2019a pas été interrompu pendant cette période.',
    gaps: (spans) =>
      `Le comptage a été interrompu, et aucune publication n\u2019est facturée, pendant ces périodes\u00a0: ${spans}.`,
    readings: 'Autres lectures de la clause',
    readingsIntro:
      'La clause peut se lire autrement. Pour le même usage, chaque lecture donne le montant suivant. La lecture marquée comme retenue est celle de ce document.',
    reading: 'Lecture',
    used: 'retenue',
    readingNames: {
      as_billed: 'Les conditions telles qu\u2019elles étaient en vigueur',
      basis_all: 'Toute publication du dépassement est due',
      basis_excess: 'Seules les publications au-delà de la limite de chaque fenêtre sont dues',
      rounding_prorated: 'Les blocs entamés sont facturés au prorata',
      rounding_completed: 'Seuls les blocs complets sont facturés',
      rounding_started: 'Chaque bloc entamé est facturé en entier',
      deliveries: 'Chaque remise compte, même d\u2019une même publication',
      calendar_days: 'Une période de 24 heures est un jour civil (UTC)',
      rolling_hours: 'Les fenêtres commencent à l\u2019heure pleine (UTC)',
      unique_posts: 'Chaque publication compte une fois par jour UTC',
    },
    payment: 'Paiement',
    payWithoutAccount: (amount, date) =>
      `Veuillez payer ${amount} au plus tard le ${date}. Les coordonnées bancaires pour cette devise sont disponibles sur demande.`,
    payInto: (amount, date) => `Veuillez payer ${amount} au plus tard le ${date} sur ce compte\u00a0:`,
    nothingToPay: 'Aucun paiement n\u2019est dû sur ce document. L\u2019avoir réduit le montant dû.',
    holder: 'Titulaire du compte',
    accountNumber: 'Numéro de compte',
    routingNumber: 'Code d\u2019acheminement',
    bank: 'Banque',
    objection: 'Contestation',
    objectionAndExpiry: 'Contestation et expiration',
    objectionText: (contact, date) =>
      `Veuillez adresser toute contestation à ${contact} au plus tard le ${date}. Indiquez ce document par son numéro ou sa date, la ligne et vos motifs. Les montants non contestés restent dus.`,
    objectionKept:
      'Nous conservons l\u2019usage par minute et par identifiant, les versions des conditions et la chaîne de hachage des relevés, et nous les fournissons sur demande.',
    expires: (label, date) => `${label}\u00a0: la créance s\u2019éteint le ${date}.`,
    check: 'Comment vérifier ce document',
    checkText:
      'Ce document est scellé par les empreintes SHA-256 ci-dessous. Le fichier de preuve signé contient l\u2019usage, les conditions et les chaînes de hachage, de sorte que chacun peut recalculer le montant.',
    contentHash: 'Empreinte du contenu',
    usageHash: 'Empreinte de l\u2019usage',
    chainsHash: 'Empreinte des chaînes',
    checkCommand: 'Commande',
    attached: (names) => `Joints à ce fichier\u00a0: ${names}.`,
    approved: (by, at) => `Approuvé par ${by} le ${at}`,
    issued: (by, at) => `Émis par ${by} le ${at}`,
  },
  dunning: {
    levels: [
      {
        title: 'Rappel de paiement',
        text: (number, date, due) =>
          `Notre document ${number} du ${date} était payable le ${due}. Nous n\u2019avons pas encore reçu le paiement intégral. Nous vous demandons de payer maintenant le solde. Si vous avez déjà payé, veuillez ne pas tenir compte de cette lettre.`,
      },
      {
        title: 'Deuxième rappel',
        text: (number, date, due) =>
          `Notre document ${number} du ${date} était payable le ${due} et n\u2019a pas été payé intégralement malgré notre rappel. Nous vous demandons de payer le solde sans délai ou de nous faire part de vos contestations.`,
      },
      {
        title: 'Dernier rappel',
        text: (number, date, due) =>
          `Notre document ${number} du ${date} était payable le ${due} et n\u2019a pas été payé intégralement malgré nos rappels. Ceci est notre dernier rappel. Sans paiement, nous pourrons agir en justice sans autre avis.`,
      },
    ],
    outstanding: 'Solde dû',
    account: 'Compte du document',
    entryKinds: {
      charge: 'Montant facturé',
      payment: 'Paiement',
      credit: 'Avoir',
      write_off: 'Passage en perte',
      reversal: 'Contre-passation',
    },
    paid: 'Veuillez payer le solde sur ce compte\u00a0:',
    paidWithoutAccount:
      'Veuillez payer le solde. Les coordonnées bancaires pour cette devise sont disponibles sur demande.',
    date: 'Date',
    entry: 'Écriture',
    balance: 'Solde',
    entries: 'Écritures',
    statement: 'Relevé de compte',
    period: 'Période',
    periodOf: (from, to) => `du ${from} au ${to}`,
    currency: 'Devise',
    opening: 'Solde initial',
    closing: 'Solde final',
    inYourFavour: 'en votre faveur',
    rowKinds: {
      invoice: 'Facture',
      supplement: 'Complément',
      credit_note: 'Avoir',
      payment: 'Paiement',
      payment_reversal: 'Paiement annulé',
      refund: 'Remboursement',
      write_off: 'Passage en perte',
      write_off_reversal: 'Passage en perte annulé',
    },
    statementNote:
      'Ce relevé contient toutes les écritures de la période. Veuillez nous signaler sous 30 jours toute différence avec vos livres.',
  },
};

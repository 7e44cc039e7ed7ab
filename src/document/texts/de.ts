/** German documents. */

import type { DocumentTexts } from './texts.ts';

const MONTHS = [
  ...['Januar', 'Februar', 'März', 'April', 'Mai', 'Juni'],
  ...['Juli', 'August', 'September', 'Oktober', 'November', 'Dezember'],
];
const UNITS = { hour: ['Stunde', 'Stunden'], minute: ['Minute', 'Minuten'], second: ['Sekunde', 'Sekunden'] };
const twoDigits = (value: number) => String(value).padStart(2, '0');

export const DE: DocumentTexts = {
  signs: {
    group: '.',
    decimal: ',',
    date: ({ year, month, day }) => `${day}.\u00a0${MONTHS[month - 1]} ${year}`,
    shortDate: ({ year, month, day }) => `${twoDigits(day)}.${twoDigits(month)}.${year}`,
    dayMonth: ({ month, day }) => `${twoDigits(day)}.${twoDigits(month)}.`,
    month: (year, month) => `${MONTHS[month - 1]} ${year}`,
    money: (amount, currency) => `${amount}\u00a0${currency}`,
    labelled: (label, value) => `${label}: ${value}`,
    duration: (count, unit) => `${count}\u00a0${UNITS[unit][count === 1 ? 0 : 1]}`,
    posts: (text, count) => `${text}\u00a0${count === 1 ? 'Beitrag' : 'Beiträge'}`,
  },
  invoice: {
    titles: {
      damages: 'Forderung pauschalierten Schadensersatzes',
      damagesSupplement: 'Nachforderung pauschalierten Schadensersatzes',
      licence: 'Rechnung',
      licenceSupplement: 'Nachtragsrechnung',
      creditNote: 'Gutschrift',
      letter: 'Außergerichtliche Zahlungsaufforderung',
    },
    draftMark: 'ENTWURF - keine Forderung',
    number: 'Nummer',
    issuedOn: 'Ausstellungsdatum',
    dueOn: 'Fällig am',
    reference: 'Zahlungsreferenz',
    buyerReference: 'Ihr Zeichen',
    orderNumber: 'Bestellnummer',
    clientId: 'Kunde',
    corrects: 'Berichtigt',
    correctsOf: (number, date) => `${number} vom ${date}`,
    to: 'An',
    register: 'Register',
    vatId: 'USt-IdNr.',
    taxId: 'Steuernummer',
    copyOf: (copy, copies, name) => `Ausfertigung ${copy} von ${copies} für ${name}.`,
    jointly: 'Gesamtschuldner: Die Zahlung eines Schuldners befreit in ihrer Höhe alle.',
    ground: (ground) => `Grund der Haftung: ${ground}`,
    otherParties: (names) =>
      `Weitere Schuldner: ${names}. Alle Ausfertigungen betreffen ein und dieselbe Forderung.`,
    page: (page, pages) => `Seite ${page} von ${pages}`,
    amounts: {
      damages: 'Geforderter Betrag',
      licence: 'Rechnungsbetrag',
      credit: 'Gutgeschriebener Betrag',
      letter: 'Betrag, den wir fordern werden',
    },
    payBy: (date) => `Zahlbar bis ${date}`,
    credited: 'Wird mit dem geschuldeten Betrag verrechnet',
    letterNotice:
      'Dieses Schreiben ist keine Rechnung. Es hat keine Rechnungsnummer und weist keine Steuer aus. Eine förmliche Forderung folgt, wenn die Angelegenheit nicht beigelegt wird.',
    letterDemand: (amount, date) =>
      `Nach unseren Aufzeichnungen haben Sie die vereinbarte Höchstzahl von Beiträgen überschritten. Wir beabsichtigen, ${amount} zu fordern. Wir bitten Sie, diesen Betrag bis ${date} zu zahlen oder bis dahin zu antworten.`,
    letterConsequence:
      'Geht bis dahin weder eine Zahlung noch eine Antwort ein, stellen wir die Forderung förmlich. Danach können wir ohne weitere Ankündigung gerichtliche Schritte einleiten.',
    answerBy: 'Antwort bis',
    writtenOn: 'Datum',
    basis: 'Grundlage der Forderung',
    clauseInForce: (date) => `in Kraft seit ${date}`,
    clauseSource: (source) => `Veröffentlicht unter: ${source}`,
    law: (law) => `Anwendbares Recht und Gerichtsstand: ${law}`,
    licenceBasis:
      'Grundlage ist der Lizenzvertrag der Parteien. Beiträge über die enthaltene Anzahl hinaus werden zum vereinbarten Preis berechnet.',
    noClause:
      'Grundlage ist die Vereinbarung der Parteien, zu den Bedingungen, die unten je Position stehen.',
    correctionBasis: (number, date) =>
      `Dieses Dokument berichtigt ${number} vom ${date}. Beide bilden eine Forderung.`,
    lines: 'Berechnung',
    columns: { position: 'Pos.', item: 'Gegenstand', posts: 'Beiträge', price: 'Preis', amount: 'Betrag' },
    damagesItem: (limit, window) =>
      `Beiträge, die bei Überschreitung der Grenze von ${limit} in beliebigen ${window} abgerufen wurden`,
    damagesItemBare: 'Beiträge, die bei Überschreitung der vereinbarten Grenze abgerufen wurden',
    licenceItem: (month, included) =>
      `Beiträge im ${month} über die in der Lizenz enthaltene Anzahl hinaus (enthalten: ${included})`,
    licenceItemBare: (month) => `Beiträge im ${month} über die in der Lizenz enthaltene Anzahl hinaus`,
    uniquePosts: 'Jeder Beitrag zählt einmal je UTC-Tag.',
    excessOnly: 'Nur Beiträge über der Grenze werden berechnet.',
    span: (from, to) => `Von ${from} bis ${to} (UTC)`,
    peak: (posts, window, at) => `Höchststand: ${posts} in ${window}, am ${at}`,
    less: {
      invoice: 'Abzüglich Rechnung',
      supplement: 'Abzüglich Nachtrag',
      credit_note: 'Abzüglich Gutschrift',
    },
    lessOf: (what, number, date) => `${what} ${number} vom ${date}`,
    creditFor: (position) => `Gutschrift zu Position ${position}`,
    reason: (reason) => `Grund: ${reason}`,
    price: (price, posts) => `${price} je ${posts}`,
    roundings: {
      prorated: 'anteilig',
      completed: 'nur volle Blöcke',
      started: 'jeder angefangene Block',
    },
    net: 'Nettobetrag',
    tax: 'Steuer',
    taxCategories: {
      O: 'Nicht umsatzsteuerbar',
      S: 'Umsatzsteuer, Regelsatz',
      Z: 'Umsatzsteuer, Nullsatz',
      E: 'Umsatzsteuerfrei',
      AE: 'Steuerschuldnerschaft des Leistungsempfängers',
      G: 'Steuerfreie Ausfuhr',
      K: 'Steuerfreie innergemeinschaftliche Lieferung',
    },
    taxCategory: (name, code) => `${name} (Kategorie ${code})`,
    total: 'Gesamtbetrag',
    counting: 'Wie die Beiträge gezählt wurden',
    countingRules: (window) =>
      `Jede Antwort an den Kunden wurde bei ihrer Auslieferung gezählt. Die Beiträge jeder Minute wurden zu jeder Minute über die letzten ${window} summiert.`,
    partlyCharged: (posts, billed) =>
      `Die Überschreitung umfasst ${posts}, von denen ${billed} berechnet werden.`,
    countingDoubt:
      'Abgelehnte Anfragen zählen null. War die Anzahl der Beiträge einer Antwort unsicher, wurde die niedrigere Anzahl verwendet.',
    chart: (window) => `Beiträge in beliebigen ${window}`,
    chartAlt: (peak, at, threshold, from, to) =>
      `Diagramm der gleitenden Summe von ${from} bis ${to}. Der Höchststand von ${peak} wird am ${at} erreicht. Die Grenze liegt bei ${threshold}.`,
    threshold: 'Grenze',
    rollingTotal: 'Gleitende Summe',
    breach: 'Überschreitung',
    unmetered: 'Nicht gezählt',
    identifiers: 'Beiträge nach Kennung des Kunden',
    identifierKinds: { api_key: 'API-Schlüssel', cidr: 'Adressbereich', agent: 'Agent', address: 'Adresse' },
    identifier: 'Kennung',
    kind: 'Art',
    noGaps: 'Die Zählung war in dieser Zeit nicht unterbrochen.',
    gaps: (spans) =>
      `Die Zählung war in folgenden Zeiten unterbrochen, für die kein Beitrag berechnet wird: ${spans}.`,
    readings: 'Andere Lesarten der Klausel',
    readingsIntro:
      'Die Klausel lässt sich auch anders lesen. Für dieselbe Nutzung ergibt jede Lesart den folgenden Betrag. Die als verwendet bezeichnete Lesart liegt diesem Dokument zugrunde.',
    reading: 'Lesart',
    used: 'verwendet',
    readingNames: {
      as_billed: 'Die Bedingungen, wie sie in Kraft waren',
      basis_all: 'Jeder Beitrag der Überschreitung wird geschuldet',
      basis_excess: 'Nur Beiträge über der Grenze jedes Zeitfensters werden geschuldet',
      rounding_prorated: 'Angefangene Blöcke von Beiträgen werden anteilig berechnet',
      rounding_completed: 'Nur volle Blöcke von Beiträgen werden berechnet',
      rounding_started: 'Jeder angefangene Block von Beiträgen wird voll berechnet',
      deliveries: 'Jede Auslieferung eines Beitrags zählt, auch desselben Beitrags',
      calendar_days: 'Ein Zeitraum von 24 Stunden ist ein Kalendertag (UTC)',
      rolling_hours: 'Zeitfenster beginnen zur vollen Stunde (UTC)',
      unique_posts: 'Jeder Beitrag zählt einmal je UTC-Tag',
    },
    payment: 'Zahlung',
    payWithoutAccount: (amount, date) =>
      `Bitte zahlen Sie ${amount} bis ${date}. Die Bankverbindung für diese Währung teilen wir auf Anfrage mit.`,
    payInto: (amount, date) => `Bitte zahlen Sie ${amount} bis ${date} auf dieses Konto:`,
    nothingToPay: 'Auf dieses Dokument ist nichts zu zahlen. Die Gutschrift mindert den geschuldeten Betrag.',
    holder: 'Kontoinhaber',
    accountNumber: 'Kontonummer',
    routingNumber: 'Bankleitzahl (Routing)',
    bank: 'Bank',
    objection: 'Einwendungen',
    objectionAndExpiry: 'Einwendungen und Fristablauf',
    objectionText: (contact, date) =>
      `Bitte richten Sie Einwendungen bis ${date} an ${contact}. Nennen Sie dieses Dokument mit Nummer oder Datum, die Position und Ihre Gründe. Unbestrittene Beträge bleiben zahlbar.`,
    objectionKept:
      'Wir bewahren die Nutzung je Minute und Kennung, die Fassungen der Bedingungen und die Hashkette der Aufzeichnungen auf und stellen sie auf Anfrage bereit.',
    expires: (label, date) => `${label}: Der Anspruch erlischt am ${date}.`,
    check: 'Wie dieses Dokument geprüft wird',
    checkText:
      'Dieses Dokument ist durch die folgenden SHA-256-Hashwerte versiegelt. Die signierte Beweisdatei enthält die Nutzung, die Bedingungen und die Hashketten, sodass jeder den Betrag nachrechnen kann.',
    contentHash: 'Hash des Inhalts',
    usageHash: 'Hash der Nutzung',
    chainsHash: 'Hash der Ketten',
    checkCommand: 'Befehl',
    attached: (names) => `Dieser Datei beigefügt: ${names}.`,
    approved: (by, at) => `Freigegeben von ${by} am ${at}`,
    issued: (by, at) => `Ausgestellt von ${by} am ${at}`,
  },
  dunning: {
    levels: [
      {
        title: 'Zahlungserinnerung',
        text: (number, date, due) =>
          `Unser Dokument ${number} vom ${date} war am ${due} fällig. Eine vollständige Zahlung ist bisher nicht eingegangen. Wir bitten Sie, den offenen Betrag jetzt zu zahlen. Falls Sie bereits gezahlt haben, betrachten Sie dieses Schreiben bitte als gegenstandslos.`,
      },
      {
        title: 'Zweite Mahnung',
        text: (number, date, due) =>
          `Unser Dokument ${number} vom ${date} war am ${due} fällig und ist trotz unserer Erinnerung nicht vollständig bezahlt. Wir bitten Sie, den offenen Betrag umgehend zu zahlen oder Ihre Einwendungen mitzuteilen.`,
      },
      {
        title: 'Letzte Mahnung',
        text: (number, date, due) =>
          `Unser Dokument ${number} vom ${date} war am ${due} fällig und ist trotz unserer Mahnungen nicht vollständig bezahlt. Dies ist unsere letzte Mahnung. Geht keine Zahlung ein, können wir ohne weitere Ankündigung gerichtliche Schritte einleiten.`,
      },
    ],
    outstanding: 'Offener Betrag',
    account: 'Kontoverlauf',
    entryKinds: {
      charge: 'Forderung',
      payment: 'Zahlung',
      credit: 'Gutschrift',
      write_off: 'Ausbuchung',
      reversal: 'Storno',
    },
    paid: 'Bitte zahlen Sie den offenen Betrag auf dieses Konto:',
    paidWithoutAccount:
      'Bitte zahlen Sie den offenen Betrag. Die Bankverbindung für diese Währung teilen wir auf Anfrage mit.',
    date: 'Datum',
    entry: 'Buchung',
    balance: 'Saldo',
    entries: 'Buchungen',
    statement: 'Kontoauszug',
    period: 'Zeitraum',
    periodOf: (from, to) => `${from} bis ${to}`,
    currency: 'Währung',
    opening: 'Anfangssaldo',
    closing: 'Schlusssaldo',
    inYourFavour: 'zu Ihren Gunsten',
    rowKinds: {
      invoice: 'Rechnung',
      supplement: 'Nachtrag',
      credit_note: 'Gutschrift',
      payment: 'Zahlung',
      payment_reversal: 'Rückbuchung einer Zahlung',
      refund: 'Erstattung',
      write_off: 'Ausbuchung',
      write_off_reversal: 'Storno einer Ausbuchung',
    },
    statementNote:
      'Dieser Auszug enthält alle Buchungen des Zeitraums. Bitte teilen Sie uns Abweichungen von Ihren Unterlagen innerhalb von 30 Tagen mit.',
  },
};

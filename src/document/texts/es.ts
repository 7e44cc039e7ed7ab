/** Spanish documents. */

import type { DocumentTexts } from './texts.ts';

const MONTHS = [
  ...['enero', 'febrero', 'marzo', 'abril', 'mayo', 'junio'],
  ...['julio', 'agosto', 'septiembre', 'octubre', 'noviembre', 'diciembre'],
];
const UNITS = { hour: 'hora', minute: 'minuto', second: 'segundo' };
const twoDigits = (value: number) => String(value).padStart(2, '0');
const plural = (count: number, one: string, many: string) => (count === 1 ? one : many);

export const ES: DocumentTexts = {
  signs: {
    group: '.',
    decimal: ',',
    date: ({ year, month, day }) => `${day} de ${MONTHS[month - 1]} de ${year}`,
    shortDate: ({ year, month, day }) => `${twoDigits(day)}/${twoDigits(month)}/${year}`,
    dayMonth: ({ month, day }) => `${twoDigits(day)}/${twoDigits(month)}`,
    month: (year, month) => `${MONTHS[month - 1]} de ${year}`,
    money: (amount, currency) => `${amount}\u00a0${currency}`,
    labelled: (label, value) => `${label}: ${value}`,
    duration: (count, unit) => `${count}\u00a0${plural(count, UNITS[unit], `${UNITS[unit]}s`)}`,
    posts: (text, count) => `${text}\u00a0${plural(count, 'publicación', 'publicaciones')}`,
  },
  invoice: {
    titles: {
      damages: 'Liquidación de indemnización pactada',
      damagesSupplement: 'Liquidación complementaria de indemnización pactada',
      licence: 'Factura',
      licenceSupplement: 'Factura complementaria',
      creditNote: 'Nota de abono',
      letter: 'Requerimiento previo a la vía judicial',
    },
    draftMark: 'BORRADOR - no es una reclamación',
    number: 'Número',
    issuedOn: 'Fecha de emisión',
    dueOn: 'Vencimiento',
    reference: 'Ref. de pago',
    buyerReference: 'Su referencia',
    orderNumber: 'N.º de pedido',
    clientId: 'Cliente',
    corrects: 'Rectifica',
    correctsOf: (number, date) => `${number} de ${date}`,
    to: 'A',
    register: 'Registro',
    vatId: 'NIF-IVA',
    taxId: 'N.º fiscal',
    copyOf: (copy, copies, name) => `Ejemplar ${copy} de ${copies} para ${name}.`,
    jointly: 'Responsabilidad solidaria: el pago de cualquiera libera a todos en esa cuantía.',
    ground: (ground) => `Fundamento de la responsabilidad: ${ground}`,
    otherParties: (names) => `Otros responsables: ${names}. Todos los ejemplares reclaman una misma deuda.`,
    page: (page, pages) => `Página ${page} de ${pages}`,
    amounts: {
      damages: 'Importe reclamado',
      licence: 'Importe adeudado',
      credit: 'Importe abonado',
      letter: 'Importe que vamos a reclamar',
    },
    payBy: (date) => `Pagadero hasta el ${date}`,
    credited: 'Se descuenta del importe adeudado',
    letterNotice:
      'Esta carta no es una factura. No tiene número de factura ni muestra impuestos. Si el asunto no se resuelve, seguirá una liquidación formal.',
    letterDemand: (amount, date) =>
      `Según nuestros registros, usted ha superado el límite pactado de publicaciones. Vamos a reclamar ${amount}. Le pedimos que pague este importe o responda hasta el ${date}.`,
    letterConsequence:
      'Si hasta esa fecha no recibimos ni el pago ni una respuesta, emitiremos la reclamación formalmente. Después podremos acudir a la vía judicial sin más aviso.',
    answerBy: 'Respuesta hasta',
    writtenOn: 'Fecha',
    basis: 'Fundamento de la reclamación',
    clauseInForce: (date) => `en vigor desde el ${date}`,
    clauseSource: (source) => `Publicado en: ${source}`,
    law: (law) => `Derecho aplicable y fuero: ${law}`,
    licenceBasis:
      'El fundamento es el contrato de licencia entre las partes. Las publicaciones que exceden el número incluido se facturan al precio pactado.',
    noClause:
      'El fundamento es el acuerdo entre las partes, en las condiciones que se indican abajo para cada línea.',
    correctionBasis: (number, date) =>
      `Este documento rectifica ${number} de ${date}. Ambos forman una sola reclamación.`,
    lines: 'Cálculo',
    columns: {
      position: 'N.º',
      item: 'Concepto',
      posts: 'Publicaciones',
      price: 'Precio',
      amount: 'Importe',
    },
    damagesItem: (limit, window) =>
      `Publicaciones obtenidas al superar el límite de ${limit} en cualquier período de ${window}`,
    damagesItemBare: 'Publicaciones obtenidas al superar el límite pactado',
    licenceItem: (month, included) =>
      `Publicaciones de ${month} por encima de las incluidas en la licencia (incluidas: ${included})`,
    licenceItemBare: (month) => `Publicaciones de ${month} por encima de las incluidas en la licencia`,
    uniquePosts: 'Cada publicación cuenta una vez por día UTC.',
    excessOnly: 'Solo se cobran las publicaciones por encima del límite.',
    span: (from, to) => `Del ${from} al ${to} (UTC)`,
    peak: (posts, window, at) => `Máximo: ${posts} en ${window}, el ${at}`,
    less: { invoice: 'Menos factura', supplement: 'Menos complemento', credit_note: 'Menos nota de abono' },
    lessOf: (what, number, date) => `${what} ${number} de ${date}`,
    creditFor: (position) => `Abono de la línea ${position}`,
    reason: (reason) => `Motivo: ${reason}`,
    price: (price, posts) => `${price} por ${posts}`,
    roundings: {
      prorated: 'en proporción',
      completed: 'solo bloques completos',
      started: 'cada bloque iniciado',
    },
    net: 'Importe neto',
    tax: 'Impuesto',
    taxCategories: {
      O: 'No sujeto a IVA',
      S: 'IVA, tipo general',
      Z: 'IVA, tipo cero',
      E: 'Exento de IVA',
      AE: 'Inversión del sujeto pasivo',
      G: 'Exportación exenta de IVA',
      K: 'Entrega intracomunitaria exenta de IVA',
    },
    taxCategory: (name, code) => `${name} (categoría ${code})`,
    total: 'Total',
    counting: 'Cómo se contaron las publicaciones',
    countingRules: (window) =>
      `Cada respuesta al cliente se contó al entregarla. Las publicaciones de cada minuto se sumaron, en cada minuto, durante las últimas ${window}.`,
    partlyCharged: (posts, billed) => `El exceso comprende ${posts}, de las que se cobran ${billed}.`,
    countingDoubt:
      'Las solicitudes rechazadas cuentan cero. Si el número de publicaciones de una respuesta era incierto, se usó el número menor.',
    chart: (window) => `Publicaciones en cualquier período de ${window}`,
    chartAlt: (peak, at, threshold, from, to) =>
      `Gráfico del total móvil del ${from} al ${to}. Alcanza su máximo de ${peak} el ${at}. El límite es ${threshold}.`,
    threshold: 'Límite',
    rollingTotal: 'Total móvil',
    breach: 'Exceso',
    unmetered: 'Sin recuento',
    identifiers: 'Publicaciones por identificador del cliente',
    identifierKinds: {
      api_key: 'Clave de API',
      cidr: 'Rango de direcciones',
      agent: 'Agente',
      address: 'Dirección',
    },
    identifier: 'Identificador',
    kind: 'Tipo',
    noGaps: 'El recuento no se interrumpió en este tiempo.',
    gaps: (spans) =>
      `El recuento se interrumpió, y no se cobra ninguna publicación, en estos tiempos: ${spans}.`,
    readings: 'Otras lecturas de la cláusula',
    readingsIntro:
      'La cláusula podría leerse de otro modo. Para el mismo uso, cada lectura da el importe siguiente. La lectura marcada como usada es la base de este documento.',
    reading: 'Lectura',
    used: 'usada',
    readingNames: {
      as_billed: 'Las condiciones tal como estaban en vigor',
      basis_all: 'Se debe cada publicación del exceso',
      basis_excess: 'Solo se deben las publicaciones por encima del límite de cada ventana',
      rounding_prorated: 'Los bloques iniciados se cobran en proporción',
      rounding_completed: 'Solo se cobran bloques completos',
      rounding_started: 'Cada bloque iniciado se cobra entero',
      deliveries: 'Cada entrega cuenta, también de la misma publicación',
      calendar_days: 'Un período de 24 horas es un día natural (UTC)',
      rolling_hours: 'Las ventanas empiezan a la hora en punto (UTC)',
      unique_posts: 'Cada publicación cuenta una vez por día UTC',
    },
    payment: 'Pago',
    payWithoutAccount: (amount, date) =>
      `Pague ${amount} hasta el ${date}. Los datos bancarios para esta moneda están disponibles a petición.`,
    payInto: (amount, date) => `Pague ${amount} hasta el ${date} en esta cuenta:`,
    nothingToPay: 'Este documento no requiere pago. El abono reduce el importe adeudado.',
    holder: 'Titular de la cuenta',
    accountNumber: 'Número de cuenta',
    routingNumber: 'Código de ruta',
    bank: 'Banco',
    objection: 'Objeciones',
    objectionAndExpiry: 'Objeciones y caducidad',
    objectionText: (contact, date) =>
      `Dirija sus objeciones a ${contact} hasta el ${date}. Indique este documento por su número o fecha, la línea y sus motivos. Los importes no discutidos siguen siendo pagaderos.`,
    objectionKept:
      'Conservamos el uso por minuto e identificador, las versiones de las condiciones y la cadena de hash de los registros, y los facilitamos a petición.',
    expires: (label, date) => `${label}: la reclamación caduca el ${date}.`,
    check: 'Cómo comprobar este documento',
    checkText:
      'Este documento está sellado con los hashes SHA-256 siguientes. El archivo de prueba firmado contiene el uso, las condiciones y las cadenas de hash, de modo que cualquiera puede recalcular el importe.',
    contentHash: 'Hash del contenido',
    usageHash: 'Hash del uso',
    chainsHash: 'Hash de las cadenas',
    checkCommand: 'Comando',
    attached: (names) => `Adjuntos a este archivo: ${names}.`,
    approved: (by, at) => `Aprobado por ${by} el ${at}`,
    issued: (by, at) => `Emitido por ${by} el ${at}`,
  },
  dunning: {
    levels: [
      {
        title: 'Recordatorio de pago',
        text: (number, date, due) =>
          `Nuestro documento ${number} de ${date} venció el ${due}. Todavía no hemos recibido el pago completo. Le pedimos que pague ahora el importe pendiente. Si ya ha pagado, no tenga en cuenta esta carta.`,
      },
      {
        title: 'Segundo recordatorio',
        text: (number, date, due) =>
          `Nuestro documento ${number} de ${date} venció el ${due} y no se ha pagado por completo a pesar de nuestro recordatorio. Le pedimos que pague el importe pendiente sin demora o que comunique sus objeciones.`,
      },
      {
        title: 'Último aviso',
        text: (number, date, due) =>
          `Nuestro documento ${number} de ${date} venció el ${due} y no se ha pagado por completo a pesar de nuestros recordatorios. Este es nuestro último aviso. Si no se recibe el pago, podremos acudir a la vía judicial sin más aviso.`,
      },
    ],
    outstanding: 'Importe pendiente',
    account: 'Cuenta del documento',
    entryKinds: {
      charge: 'Importe cargado',
      payment: 'Pago',
      credit: 'Abono',
      write_off: 'Baja por incobrable',
      reversal: 'Anulación',
    },
    paid: 'Pague el importe pendiente en esta cuenta:',
    paidWithoutAccount:
      'Pague el importe pendiente. Los datos bancarios para esta moneda están disponibles a petición.',
    date: 'Fecha',
    entry: 'Asiento',
    balance: 'Saldo',
    entries: 'Asientos',
    statement: 'Estado de cuenta',
    period: 'Período',
    periodOf: (from, to) => `del ${from} al ${to}`,
    currency: 'Moneda',
    opening: 'Saldo inicial',
    closing: 'Saldo final',
    inYourFavour: 'a su favor',
    rowKinds: {
      invoice: 'Factura',
      supplement: 'Complemento',
      credit_note: 'Nota de abono',
      payment: 'Pago',
      payment_reversal: 'Pago anulado',
      refund: 'Reembolso',
      write_off: 'Baja por incobrable',
      write_off_reversal: 'Baja anulada',
    },
    statementNote:
      'Este estado contiene todos los asientos del período. Comuníquenos en 30 días cualquier diferencia con sus libros.',
  },
};

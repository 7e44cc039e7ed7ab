/** Reads the terms of EN 16931 from UBL and CII. It shares no code with the writer. */

import { DOMParser, type Element } from '@xmldom/xmldom';

interface ReadLine {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly quantity: string;
  readonly unit: string;
  readonly price: string;
  readonly base: string;
  readonly amount: string;
  readonly from: string;
  readonly to: string;
  readonly category: string;
  readonly rate: string;
}

interface ReadParty {
  readonly name: string;
  readonly country: string;
  readonly city: string;
  readonly postcode: string;
  readonly line1: string;
  readonly line2: string;
  readonly registerId: string;
  readonly vatId: string;
  readonly taxId: string;
  readonly endpoint: string;
  readonly scheme: string;
}

export interface ReadInvoice {
  readonly customization: string;
  readonly number: string;
  readonly type: string;
  readonly issuedOn: string;
  readonly dueOn: string;
  readonly terms: string;
  readonly note: string;
  readonly currency: string;
  readonly buyerReference: string;
  readonly order: string;
  readonly corrects: string;
  readonly correctsOn: string;
  readonly from: string;
  readonly to: string;
  readonly seller: ReadParty;
  readonly buyer: ReadParty;
  readonly means: string;
  readonly account: string;
  readonly reference: string;
  readonly category: string;
  readonly rate: string;
  readonly exemption: string;
  readonly taxable: string;
  readonly categoryTax: string;
  readonly lineTotal: string;
  readonly net: string;
  readonly tax: string;
  readonly gross: string;
  readonly payable: string;
  readonly lines: readonly ReadLine[];
}

export function readEInvoice(xml: string): ReadInvoice {
  const root = new DOMParser({ onError: strict }).parseFromString(xml, 'text/xml').documentElement!;
  return root.localName === 'CrossIndustryInvoice' ? readCii(root) : readUbl(root);
}

function strict(_level: string, message: string): void {
  throw new Error(message);
}

/** Child elements by a path of local names. `{=x}` after a name keeps those whose `schemeID` is x. */
function all(from: Element, path: string): Element[] {
  return path.split('/').reduce<Element[]>(
    (found, step) => {
      const [, name, scheme] = /^(\w+)(?:\{=(\w+)\})?$/.exec(step)!;
      return found.flatMap((parent) =>
        Array.from(parent.childNodes).filter(
          (node): node is Element =>
            (node as Element).localName === name &&
            (scheme === undefined || (node as Element).getAttribute('schemeID') === scheme),
        ),
      );
    },
    [from],
  );
}

/** Text of the first element; empty if there is none. */
function text(from: Element, path: string): string {
  return all(from, path)[0]?.textContent ?? '';
}

function ciiDate(from: Element, path: string): string {
  return text(from, `${path}/DateTimeString`).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
}

function readCii(root: Element): ReadInvoice {
  const head = all(root, 'ExchangedDocument')[0]!;
  const trade = all(root, 'SupplyChainTradeTransaction')[0]!;
  const agreement = all(trade, 'ApplicableHeaderTradeAgreement')[0]!;
  const settlement = all(trade, 'ApplicableHeaderTradeSettlement')[0]!;
  const means = 'SpecifiedTradeSettlementPaymentMeans';
  const account = `${means}/PayeePartyCreditorFinancialAccount`;
  const sums = 'SpecifiedTradeSettlementHeaderMonetarySummation';
  const tax = 'ApplicableTradeTax';
  const reference = 'InvoiceReferencedDocument';
  return {
    customization: text(root, 'ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID'),
    number: text(head, 'ID'),
    type: text(head, 'TypeCode'),
    issuedOn: ciiDate(head, 'IssueDateTime'),
    note: text(head, 'IncludedNote/Content'),
    dueOn: ciiDate(settlement, 'SpecifiedTradePaymentTerms/DueDateDateTime'),
    terms: text(settlement, 'SpecifiedTradePaymentTerms/Description'),
    currency: text(settlement, 'InvoiceCurrencyCode'),
    buyerReference: text(agreement, 'BuyerReference'),
    order: text(agreement, 'BuyerOrderReferencedDocument/IssuerAssignedID'),
    corrects: text(settlement, `${reference}/IssuerAssignedID`),
    correctsOn: ciiDate(settlement, `${reference}/FormattedIssueDateTime`),
    from: ciiDate(settlement, 'BillingSpecifiedPeriod/StartDateTime'),
    to: ciiDate(settlement, 'BillingSpecifiedPeriod/EndDateTime'),
    seller: ciiParty(all(agreement, 'SellerTradeParty')[0]!),
    buyer: ciiParty(all(agreement, 'BuyerTradeParty')[0]!),
    means: text(settlement, `${means}/TypeCode`),
    account: text(settlement, `${account}/IBANID`) || text(settlement, `${account}/ProprietaryID`),
    reference: text(settlement, 'PaymentReference'),
    category: text(settlement, `${tax}/CategoryCode`),
    rate: text(settlement, `${tax}/RateApplicablePercent`),
    exemption: text(settlement, `${tax}/ExemptionReasonCode`) || text(settlement, `${tax}/ExemptionReason`),
    taxable: text(settlement, `${tax}/BasisAmount`),
    categoryTax: text(settlement, `${tax}/CalculatedAmount`),
    lineTotal: text(settlement, `${sums}/LineTotalAmount`),
    net: text(settlement, `${sums}/TaxBasisTotalAmount`),
    tax: text(settlement, `${sums}/TaxTotalAmount`),
    gross: text(settlement, `${sums}/GrandTotalAmount`),
    payable: text(settlement, `${sums}/DuePayableAmount`),
    lines: all(trade, 'IncludedSupplyChainTradeLineItem').map(ciiLine),
  };
}

function ciiParty(party: Element): ReadParty {
  const address = 'PostalTradeAddress';
  return {
    name: text(party, 'Name'),
    country: text(party, `${address}/CountryID`),
    city: text(party, `${address}/CityName`),
    postcode: text(party, `${address}/PostcodeCode`),
    line1: text(party, `${address}/LineOne`),
    line2: text(party, `${address}/LineTwo`),
    registerId: text(party, 'SpecifiedLegalOrganization/ID'),
    vatId: text(party, 'SpecifiedTaxRegistration/ID{=VA}'),
    taxId: text(party, 'SpecifiedTaxRegistration/ID{=FC}'),
    endpoint: text(party, 'URIUniversalCommunication/URIID'),
    scheme: all(party, 'URIUniversalCommunication/URIID')[0]?.getAttribute('schemeID') ?? '',
  };
}

function ciiLine(line: Element): ReadLine {
  const price = 'SpecifiedLineTradeAgreement/NetPriceProductTradePrice';
  const settlement = 'SpecifiedLineTradeSettlement';
  const quantity = 'SpecifiedLineTradeDelivery/BilledQuantity';
  return {
    id: text(line, 'AssociatedDocumentLineDocument/LineID'),
    name: text(line, 'SpecifiedTradeProduct/Name'),
    description: text(line, 'SpecifiedTradeProduct/Description'),
    quantity: text(line, quantity),
    unit: all(line, quantity)[0]?.getAttribute('unitCode') ?? '',
    price: text(line, `${price}/ChargeAmount`),
    base: text(line, `${price}/BasisQuantity`),
    amount: text(line, `${settlement}/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount`),
    from: ciiDate(line, `${settlement}/BillingSpecifiedPeriod/StartDateTime`),
    to: ciiDate(line, `${settlement}/BillingSpecifiedPeriod/EndDateTime`),
    category: text(line, `${settlement}/ApplicableTradeTax/CategoryCode`),
    rate: text(line, `${settlement}/ApplicableTradeTax/RateApplicablePercent`),
  };
}

function readUbl(root: Element): ReadInvoice {
  const isCredit = root.localName === 'CreditNote';
  const reference = 'BillingReference/InvoiceDocumentReference';
  const means = 'PaymentMeans';
  const subtotal = 'TaxTotal/TaxSubtotal';
  const sums = 'LegalMonetaryTotal';
  return {
    customization: text(root, 'CustomizationID'),
    number: text(root, 'ID'),
    type: text(root, isCredit ? 'CreditNoteTypeCode' : 'InvoiceTypeCode'),
    issuedOn: text(root, 'IssueDate'),
    note: text(root, 'Note'),
    dueOn: text(root, 'DueDate'),
    terms: text(root, 'PaymentTerms/Note'),
    currency: text(root, 'DocumentCurrencyCode'),
    buyerReference: text(root, 'BuyerReference'),
    order: text(root, 'OrderReference/ID'),
    corrects: text(root, `${reference}/ID`),
    correctsOn: text(root, `${reference}/IssueDate`),
    from: text(root, 'InvoicePeriod/StartDate'),
    to: text(root, 'InvoicePeriod/EndDate'),
    seller: ublParty(all(root, 'AccountingSupplierParty/Party')[0]!),
    buyer: ublParty(all(root, 'AccountingCustomerParty/Party')[0]!),
    means: text(root, `${means}/PaymentMeansCode`),
    account: text(root, `${means}/PayeeFinancialAccount/ID`),
    reference: text(root, `${means}/PaymentID`),
    category: text(root, `${subtotal}/TaxCategory/ID`),
    rate: text(root, `${subtotal}/TaxCategory/Percent`),
    exemption:
      text(root, `${subtotal}/TaxCategory/TaxExemptionReasonCode`) ||
      text(root, `${subtotal}/TaxCategory/TaxExemptionReason`),
    taxable: text(root, `${subtotal}/TaxableAmount`),
    categoryTax: text(root, `${subtotal}/TaxAmount`),
    lineTotal: text(root, `${sums}/LineExtensionAmount`),
    net: text(root, `${sums}/TaxExclusiveAmount`),
    tax: text(root, 'TaxTotal/TaxAmount'),
    gross: text(root, `${sums}/TaxInclusiveAmount`),
    payable: text(root, `${sums}/PayableAmount`),
    lines: all(root, isCredit ? 'CreditNoteLine' : 'InvoiceLine').map((line) =>
      ublLine(line, isCredit ? 'CreditedQuantity' : 'InvoicedQuantity'),
    ),
  };
}

function ublParty(party: Element): ReadParty {
  const number = (scheme: string) =>
    all(party, 'PartyTaxScheme').find((entry) => text(entry, 'TaxScheme/ID') === scheme);
  const [vat, tax] = [number('VAT'), number('FC')];
  return {
    name: text(party, 'PartyLegalEntity/RegistrationName'),
    country: text(party, 'PostalAddress/Country/IdentificationCode'),
    city: text(party, 'PostalAddress/CityName'),
    postcode: text(party, 'PostalAddress/PostalZone'),
    line1: text(party, 'PostalAddress/StreetName'),
    line2: text(party, 'PostalAddress/AdditionalStreetName'),
    registerId: text(party, 'PartyLegalEntity/CompanyID'),
    vatId: vat === undefined ? '' : text(vat, 'CompanyID'),
    taxId: tax === undefined ? '' : text(tax, 'CompanyID'),
    endpoint: text(party, 'EndpointID'),
    scheme: all(party, 'EndpointID')[0]?.getAttribute('schemeID') ?? '',
  };
}

function ublLine(line: Element, quantity: string): ReadLine {
  return {
    id: text(line, 'ID'),
    name: text(line, 'Item/Name'),
    description: text(line, 'Item/Description'),
    quantity: text(line, quantity),
    unit: all(line, quantity)[0]?.getAttribute('unitCode') ?? '',
    price: text(line, 'Price/PriceAmount'),
    base: text(line, 'Price/BaseQuantity'),
    amount: text(line, 'LineExtensionAmount'),
    from: text(line, 'InvoicePeriod/StartDate'),
    to: text(line, 'InvoicePeriod/EndDate'),
    category: text(line, 'Item/ClassifiedTaxCategory/ID'),
    rate: text(line, 'Item/ClassifiedTaxCategory/Percent'),
  };
}

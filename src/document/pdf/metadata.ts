/** XMP metadata beyond what pdfkit writes: PDF/UA and Factur-X, with the extension schemas that PDF/A demands. */

import type { AttachedFile } from '../attachments.ts';
import type { Sheet } from './sheet.ts';

const FACTURX_URI = 'urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#';
const PDFUA_URI = 'http://www.aiim.org/pdfua/ns/id/';
const FACTURX_PROPERTIES = [
  ['DocumentFileName', 'name of the embedded XML invoice file'],
  ['DocumentType', 'INVOICE'],
  ['Version', 'version of the XML invoice schema'],
  ['ConformanceLevel', 'profile of the XML invoice'],
] as const;

/** @param facturX name of the embedded invoice; null: none */
export function writeMetadata(sheet: Sheet, facturX: string | null): void {
  const { doc } = sheet;
  doc.appendXML(
    `<rdf:Description rdf:about="" xmlns:pdfuaid="${PDFUA_URI}"><pdfuaid:part>1</pdfuaid:part></rdf:Description>`,
  );
  const schemas = [
    schemaOf(
      'PDF/UA identification schema',
      PDFUA_URI,
      'pdfuaid',
      [['part', 'part of ISO 14289']],
      'Integer',
    ),
  ];
  if (facturX !== null) {
    const values = { DocumentType: 'INVOICE', DocumentFileName: facturX, Version: '1.0' };
    const entries = Object.entries({ ...values, ConformanceLevel: 'EN 16931' });
    const elements = entries.map(([name, value]) => `<fx:${name}>${value}</fx:${name}>`).join('');
    doc.appendXML(`<rdf:Description rdf:about="" xmlns:fx="${FACTURX_URI}">${elements}</rdf:Description>`);
    schemas.push(schemaOf('Factur-X PDFA Extension Schema', FACTURX_URI, 'fx', FACTURX_PROPERTIES, 'Text'));
  }
  doc.appendXML(
    `<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>${schemas.join('')}</rdf:Bag></pdfaExtension:schemas></rdf:Description>`,
  );
}

/** Attaches the files with fixed dates. */
export function attachFiles(sheet: Sheet, files: readonly AttachedFile[], atMs: number): void {
  const date = new Date(atMs);
  for (const { name, mime, relationship, text } of files) {
    const dates = { creationDate: date, modifiedDate: date };
    const options = { name, type: mime, description: name, relationship, ...dates };
    sheet.doc.file(new TextEncoder().encode(text) as Buffer, options);
  }
}

function schemaOf(
  schema: string,
  uri: string,
  prefix: string,
  properties: ReadonlyArray<readonly [name: string, description: string]>,
  type: 'Text' | 'Integer',
): string {
  const items = properties.map(
    ([name, description]) =>
      `<rdf:li rdf:parseType="Resource"><pdfaProperty:name>${name}</pdfaProperty:name><pdfaProperty:valueType>${type}</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category><pdfaProperty:description>${description}</pdfaProperty:description></rdf:li>`,
  );
  return `<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>${schema}</pdfaSchema:schema><pdfaSchema:namespaceURI>${uri}</pdfaSchema:namespaceURI><pdfaSchema:prefix>${prefix}</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>${items.join('')}</rdf:Seq></pdfaSchema:property></rdf:li>`;
}

/** Lists of codes that fields of sellers and buyers take. The e-invoice library knows the same codes. */

/** ISO 3166-1 alpha-2. */
const COUNTRIES: ReadonlySet<string> = new Set(
  [
    'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW',
    'BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI',
    'FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN',
    'IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME',
    'MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF',
    'PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV',
    'SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE',
    'YT ZA ZM ZW',
  ].flatMap((line) => line.split(' ')),
);

/** Schemes of electronic addresses: the code list EAS of the European Commission. */
const ADDRESS_SCHEMES: ReadonlySet<string> = new Set(
  [
    '0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0151 0177 0183 0184 0188 0190 0191 0192 0193',
    '0195 0196 0198 0199 0200 0201 0202 0204 0208 0209 0210 0211 0212 0213 0215 0216 0218 0221 0230 0235 9901',
    '9910 9913 9914 9915 9918 9919 9920 9922 9923 9924 9925 9926 9927 9928 9929 9930 9931 9932 9933 9934 9935',
    '9936 9937 9938 9939 9940 9941 9942 9943 9944 9945 9946 9947 9948 9949 9950 9951 9952 9953 9957 9959 AQ',
    'AS AU EM',
  ].flatMap((line) => line.split(' ')),
);

/** Reasons for an exemption from tax: the code list VATEX of the European Commission, without `VATEX-`. */
const EXEMPTIONS: ReadonlySet<string> = new Set(
  [
    'EU-79-C EU-132 EU-132-1A EU-132-1B EU-132-1C EU-132-1D EU-132-1E EU-132-1F EU-132-1G EU-132-1H EU-132-1I',
    'EU-132-1J EU-132-1K EU-132-1L EU-132-1M EU-132-1N EU-132-1O EU-132-1P EU-132-1Q EU-143 EU-143-1A',
    'EU-143-1B EU-143-1C EU-143-1D EU-143-1E EU-143-1F EU-143-1FA EU-143-1G EU-143-1H EU-143-1I EU-143-1J',
    'EU-143-1K EU-143-1L EU-144 EU-146-1E EU-148 EU-148-A EU-148-B EU-148-C EU-148-D EU-148-E EU-148-F',
    'EU-148-G EU-151 EU-151-1A EU-151-1AA EU-151-1B EU-151-1C EU-151-1D EU-151-1E EU-159 EU-309 EU-AE EU-D',
    'EU-F EU-G EU-I EU-IC EU-O EU-J FR-FRANCHISE FR-CNWVAT',
  ].flatMap((line) => line.split(' ')),
);

/** True if `code` is an ISO 3166-1 alpha-2 code in capitals. */
export function isCountry(code: string): boolean {
  return COUNTRIES.has(code);
}

/** True if `code` is a scheme of electronic addresses, such as `EM` for mail or `9930` for a German VAT id. */
export function isAddressScheme(code: string): boolean {
  return ADDRESS_SCHEMES.has(code);
}

/** True if `code` is in the list VATEX. */
export function isExemptionCode(code: string): boolean {
  return code.startsWith('VATEX-') && EXEMPTIONS.has(code.slice('VATEX-'.length));
}

/** Reads the fields of a request by which askers are recognised, in one pass over its head. */

export interface AskerHead {
  /** Empty if there is none. Several fields are joined, because a platform may read any of them. */
  readonly userAgent: string;
  readonly hasAcceptLanguage: boolean;
  readonly hasFetchMetadata: boolean;
  readonly isUpgrade: boolean;
  /** True if the request carries Signature-Input (RFC 9421). */
  readonly isSigned: boolean;
  /** The last X-Forwarded-Proto. Only a trusted peer's word counts. */
  readonly forwardedProto: string | undefined;
}

/** @param headers flat list of names and values, in any letter case. */
export function askerHead(headers: readonly string[]): AskerHead {
  let userAgent: string | undefined;
  let hasAcceptLanguage = false;
  let hasFetchMetadata = false;
  let isUpgrade = false;
  let isSigned = false;
  let forwardedProto: string | undefined;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!;
    // Comparing lengths first avoids the lower-casing of most names.
    switch (name.length) {
      case 7:
        isUpgrade ||= name.toLowerCase() === 'upgrade';
        break;
      case 10:
        if (name.toLowerCase() !== 'user-agent') break;
        userAgent = userAgent === undefined ? headers[at + 1]! : `${userAgent}, ${headers[at + 1]!}`;
        break;
      case 14:
        hasFetchMetadata ||= name.toLowerCase() === 'sec-fetch-mode';
        break;
      case 15: {
        const lower = name.toLowerCase();
        hasAcceptLanguage ||= lower === 'accept-language';
        isSigned ||= lower === 'signature-input';
        break;
      }
      case 17:
        if (name.toLowerCase() === 'x-forwarded-proto') forwardedProto = headers[at + 1]!;
        break;
    }
  }
  return {
    userAgent: userAgent ?? '',
    hasAcceptLanguage,
    hasFetchMetadata,
    isUpgrade,
    isSigned,
    forwardedProto,
  };
}

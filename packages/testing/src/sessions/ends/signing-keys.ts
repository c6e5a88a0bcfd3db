import type { EcdsaPrivateKey, EcdsaPublicKey, RsaPrivateKey, RsaPublicKey, SignatureCurve } from '@espalier/crypto';
import { equalOctets } from '@espalier/wire';

/** Keys that protect nothing: everybody has them. Drawn once, since drawing some takes long. */
const RSA = {
  one: {
    n: 'kLXUx1XJmZsq9I3btKzKa2dLUXpk79p6dIkcco7EN127hn2PYQrZ4_41n5SBbjn9bFmloyi-BZCsatooEDxj6I-F0mJN2daWXICG1KIH5QmKmQIivy9Fe89qXYCv3AvnbAPjLrGHz3sg8gj5eLpBra_uB9-u-R68iCVv0n-vZYXIFoJ3muaFxtgK6VWOyMdsSf37zopNehifhjuVsH31q5tpI2yf07Jvjk3tLN_c5c8a3WaORXt9n8hxpBBgbjxmlzPCWlOpVrc1jP8IoT_ht-dMezZ6DgdoqsMwNEK23-bVkKvM755E-lzDD9ij2a_EFHgIagvf8_zmZ_J5xW6mNQ',
    e: 'AQAB',
    d: 'GMN1AROWJzoddLId6eIz1YNcqTnHsh_yGqUoABacT1kz8QTll1azCMgExyUzrPgxfOwuYyhitDMYvkRM3NJoynBdFy6JYgDNxFCeQh7kOPaUCDEMXykou9I3wn52GbLTzHEx3Fi3A_NvJNwSTO2ata1Ij4Jgv_LZknbNlvkQu8-SBKWtI_EQQ__cvAXRWK-8x1tWmRI4vgZ_E2yaSbtmaySzEjDzEKlkEKY4SQAFGu7appuflyQoirPhtRWY6VK-JrJgTeO9BfQb_Lo6n81f98H7wn6UgjdxqtLSQkRmYtsYMn_RHXlW5mtJFzSv2yE4I766AslF6UbBg54uHSTdYQ',
    p: 'yi3-sVQema5vc2L-LjJcmINSJxgS74FVhliRghcLOr_Z2jCtTTFutjK8qdbmVHtkiNF9-63G3cWM6XNiAaHAR7fZtfL2L8N5YrhT6AJvChhq0cjRuI-XeLMqxA5h2lvuz2FSDCsyV31ZkcReIdajHAQp204Hour6nNqhF_HChlk',
    q: 'tztzXffALeclWdPBpj4lIIonweTx_uS3BVIxt_dFwiUAn5GHTO-i3xbOqwJUyoXDcZ9LHEPYspikY02eRxVyS1n2zGox1R3jFtuOob_kOi9i1U6zwi7u8nL8FNWVD_AcM_v9kLXwbWn4izKOmAVaa6R_n8dHII7TbdxOCGKLWz0',
    dp: 'UwETIYZhkcKVqw-nPxwZ-9teLQKrM30ruZ4_DuObDqGZNQTrAVgcFd06q5e4tFJ8cddgG6W6kW37bhSa1gSsRkVqslJvVCiyex8mA4iMQd7IbBxATb9V9o3ILvmgnt9DagyQfMJ3RogF79xosQfHq0biUFD2vaIvBZqUrJnqvPE',
    dq: 'gXqiSIm1JPrM2xAXLImHpNnbxFkrZGpspnbxqUUz50BMk3W7_XLtTeYI_rD0B_TEKntdEUkkTPguWfnUWfjevj6Bduun8Shge5uEy-oUtcUcew1VW2fc9Diqx3IyFoQe-eEcynC2yCp1Nq_wMZ6-yYgBo3-nVGt5Ho3qGmTAgyU',
    qi: 'qBu_Ey7YAStpdbDJ-DH09qTLw6hlhPuv6_TYbVpG4taf-li5W6mKNPKdKo990mOVrl-0DlAxpDASyfmWqBwkAX3O7YQEkUhuX9-czNyzuqXtSwf_RZ5JEQ-JQ5_QQ2jd5mEhCZnELgXZt-TqFZutKN2an52gg3NjsKHvaHn2xuE',
  },
  other: {
    n: 'th1hpkZxP8vpIJ0nujuvVQxY7EuJ6hDmdEnh2GFlMvomgJoy3LpAzg0pFa-nvG5C9UUm47zI_59TvY7FCFaICVfCh6Tg-sr5L5q6VaKziDOgPVXX4Inw2ttsSqFqvx5JtIvI10QznZm-_BIJBOraYgfQ99qQ1ih0pqilrWn5aQb8LKZWFxcokk9DJokzSpmXXimP1DV02lsTiC6upTNafp6cWZShATjq13pxhTsOXip0j1k_BonqW51JPZl4HcttPSpKTHicGPQxc4NS12iAC1CDToq46CZxx74SOjN6vfQ37u_gM40THPm6aTXEeoqhDHZ-szsBU3Tz3-TThxxs5Q',
    e: 'AQAB',
    d: 'AhsR3cSumvm9Htd9yC1qWl8KiQl-R4hdfl-7d7iKSxc_PJS5k7CDWlDdo_afx4jHtUeaD00Q4Q2AySmuYNc7TQV_ZkJDcSCk-tQBZWuqQ1bWDNimwib4c8UZ4xh0knQoRd_yeQ_hUlX6RJIHYxj0YHsWzIyWWyS3Ut5J6msxWN9PcOmgLDjQsSJWy8rizy9r406QZMKSzdwhOysMgaSO7fz29VEbukuKw39Ym2Pknvpl3dIcLoOJIuOitNV5NpH-fjzm4U_Ncq4QGhOE689T9K7ESHensl5QKkjm2XRzkk2lePCD-OuI5QvXmlsbZfh0ZwBuRs7eNzjlgoS37G9vsQ',
    p: '59ayjYQyfBNPlOWv3rwt5QmUnI434R_REqybx1adWRTfK-fWLda0k8ZdU76DUrVHDjYV0cUSM5KU6tb8HdKmkcQRhl9hvBAZcWApfP9ShUvk0msNHmu0p6gdS_1dcGe4wrL607XL7G1hDQVRB60f9qVHFIH15pfV_03TxtP5z_k',
    q: 'yRgVWCEMwmx0wtck8eMQlFTdDochOF6A8qQHCF-TeLLHNAXoFYAKacdbrOkgsl1gsHnY8DGpQFqwVStQScwyLhb4MpawWobV_3exVU-FFTca3ZJQA4rMfA11lXIu88LdyXHSCojHm7ckPub-59Mva4ipiqO-hVW6dUNM0PL1l00',
    dp: 'vgO34EkjX5IsPatrU7EEJJ6PkSj3H6qGHzodi2mwGR0ENOYVIwjAhAWm5EZXN-ifzkQB6iYNXvua1kdR59eI8huzCWEPp6XCVKwuFObm6Z1kdBmNbQt1y5v8NxX4CXLZeapb7j0oYCTd0GA1I4d_lRWthl9l_ZMgr9lH48RFEXE',
    dq: 'HJN4jQJ9Tq-c1AdAr8Llmz6H_0WCmgEL7-8RNMZoLXGyTxk7xrpgQHHc_DBQvif40nsuMcvM0mFQx3mVOjdzNgt7j6zMOMEKbfgzUf0v2zjub2gYSLiToFlFSUxlkawyWir7fxW6z8zxsKKgvI7NIUnVVec47rek_H7ozpSIA80',
    qi: '0DlJv7OPqBMErgMj1hAx2Qqzv4FTzQ3VusslaUN_FUzmQzqL99Ku1PZUdN1pfyeFhIDTjKJLmuJwjpkvdsJckjaBilYD9aZ9JhuUd_-lgIfTzW_bnHPyFAsozaa5iNvqcITswdNAtP_9Pxqpkzn7V8ca3W99u4q-BykDwuF_p2o',
  },
  short: {
    n: 'wEQpkaTsJMhrArUW8b4hNazt6U-GmWoZoNnuaQdYqs-hKEAzTA3P0tiqNwMQPnHVDPQBo-AlmxZE4rqjUxzPz-bwHLDxsUdfCT0pTdzysZtkXP2iMufuh3LvF3eNj_LncapbDhJ62P6GkpLc7chE62Q01hF0-CW4C5nZUcbMw4M',
    e: 'AQAB',
    d: 'pRvj9scCY7QY8YJB6ee07TtMNAevNx_-UjvUmS1N36Hea4p2guF5jz-xLPzcfkOTCkShA_IBWWWOUoakq0Ma0ZmB_Qa19kLcYo2eJHIwWuZANgLy8UqMYIRcXAAqz4uqh5_xsu-C3NiNgbRWRA-G7zcS4zbwtZy3O8xy4udbBQE',
    p: '6ruQSXFjMEOjTgHhWeiahyQNREz8cHadDHiKvdyzteIeUgQwVVvFyl63hF7dzEPAUo2wBnnaZ0Tjf2ONTetVcQ',
    q: '0a-f1UZQYQnVdXbjnPaZQCi_f4FxbdX37wwJOsUOyk_Mw_kvwVDx9vAYw8jzPyp53HpzsJJUhZZhG-KcgZ-eMw',
    dp: 'bCGHMC3pkVw3KEI5e19pgAOdkO8eAvjBE_ObhibbKlhFu2ZulYO3M6g6ReIlrmkveVgH1JPhhlz3p8FGYLSeIQ',
    dq: 'US_949cgwiHLm3qX8KtudPASDW1yHMPvBoiTfkTUUDMLpolyGxibRzB5djz1KezpWBu1dZWC0mKCYQih7nJ-Dw',
    qi: 'P_2mO_c0eR3_RdWvHadQBg2Iwt4iR31d3kL7QLGgKcqyJBhzE5mVtoDMx79sNXSATvtcH7TXubsR7iWJeHXN_Q',
  },
  long: {
    n: '0z9BoEwsq4FiOz7UJ-Y0MfCDi_7NycgXxhGtpgPbpNvIpIndON-Hn1gP0jDWpwoBPkd7v84TlvZ-BzuYSALKghPpP7TyIF_nZG_Y4eTK5iUfH0BxJaTmaofqIk6DpEF-7jyvtpZNmBAfvSGn6txdmqtLreVHVbM3Rpi_PbxfFiLUjYLVUpKciZTOD37qt8nbn90c59eg_wfuYhbrtrHX3Vd4Z3Ofv6IhFyrUDjfS7y-yFp1p9nKcbAu--iGn9qrBHBwekJdDDR436DUGf-iwITnq6NKLsm6ggJp65Xs2y-SpzdXoov9HwxYIbJg9AZ_vD_U2WJFcgeVNFlFvWzJOq7aMv7kYZ2UOK500nIsEBaP6pG2740vonfk5Rae1EJLNgazRmQwuuLUkKG21wiPu0QagAzEdFYvBq6lvZESrCEer4dfGre-MEXLLMBVju6P-C2nWo8tuiV1SNtRgyDB-h9x0IMIjeAKKVAn_dq0fqEoyqUFKH9KvaTd9JHKnQfmR',
    e: 'AQAB',
    d: 'AsNGZ1Nrt6QB7gKuuWVdPCR4QffXhuqxJefkCKJvCFdQBtffPu_MeSjojxAQtJ9QwBjk_U-TicNIR22v-owfzCb4w1qpWoNKllGQqXapsSwd3bWk7TA8i7rilOeIOPka0QCV7zpEwkb-tUVoCe4vIrdYDmqL3erxv4B-qs7ogvR6aW3jPpjYh4Oc1M7NANGY59y3VLBpJIC87Uc9trZZe4V594dneNUE4AXRP2zbO0HZT0qogL7DvTWDnkebp-IYjaCMC4X6pfTHmte6Wm62y88gttWe1zQggfoMiUq6VCthTa-hlVnZeyCWFVLQEG8MyE9K1GLQmtdmfSTjc3VvoGR7VJrIol_X3un70Nfii_nuy5YlrccnbXI1ruVw95KF5wkmviqyxThP3TQT9-eg1ELTqVi5ydHTOWfEi064AW8NER-uqLYBAuP7UvGWTqfXO5ON5XW675ZGipTyvTONqGpMAbnvnx6nWhzzjLbt2SlMpt00Ay2pKGwS55g2w8NB',
    p: '8LDk5g_ECSuxTVsuK2GT7ItSHjEcRb6Lzg2KAiJExo6LeAzPunAi4IDj0FPsHZtcU6NvZH2XuAbkqol_rjHNOuD7-fqQNpnV-hUI1WbZXG4JKiZ1YJirOJWky_lulSbSKdtxYm0VhoJgjnjf_SMGBxKo-KYkRmdGpk9GZQSZBZMDZLIeAa66ad5_ctYp3FE_zLgYPwpJMerV1cY5LtI2JqarqYpq5vtipjH_5z8vutimhk9d62fDrv-fzyEd__ux',
    q: '4K7vbMV-gxduVqd1y33SBBiBuvZa-w1te_0NKQI4M8rVQKL5LgVINce-FKAxAiZVU1nWSCXXVZJMCKiChObLVr4gtPwGS5s_Iq3Y34kAZyKsJHbov-dCcY5monyy-JGVs7fnyl7A0DWAbscy4s39itlecTU_9FSqcOoGB6WGjzbhHB2yaWBf5Elge2D5zyaSqdUIWSSik9P21xvfWanjlkZ-pjN5FPWKryJuZJ0SSQRwMveiZK0gMcR6rv84GbPh',
    dp: 'Ni6MCKIp7iqQyiopdYiMxSYDwVoq1CR10lfH5n0SYGQ8TzULGhweLc21-vK5Z1zO5uEWtVd0bO_YT--N94esfIGjF33pMvFkctyDVY7GhYEbvQpVR_52JNHC_EvVMexAST3mA1MtEk-NLuVU_uYAeF0h_n9gER00kUGtRhZH4DJdBDD4gkZ0HlsA87f0Sm1b4Fjc1GwbWApWQr5RpxGZMRA5-nt3XzHd3i3JPqRBuV0F95wsN07vhRh0QCtjVnmx',
    dq: 'u3qdA7kDqKU7h4jyLJtPS-WbEoOQRR3eNnBfs9FLTkQ4j1et7m2v5FhITnOgkTelSQiUWd1hgeCyGyNozTa7gyTgq8QECMCA_RHs_hEWSfjPhRnHeqGgepqlH35H5Euui6iv-9f2sYWDJmyHFGNn5Z0dRf913w1qrw9HesfusL_NNKW_AljNivKDVFAGAokgJiBBeAiutAVRWgrC4tF0uycVdN9McGW2lA556PB7mnvel1i0o6cmTwCwkicaC7Bh',
    qi: 'f2aqZM6Uf5GWqqngyrbzxCjU3IYT_myw0uD9ytDBQCRfIvoeeqG9n-7j8BA2Wt_gzljpPbO_7mZobWIYaV_Z2oYo8wqP3VstBjKt0s7ECe24WHYD75wWJn-bBXpJWcJTQaBvm4f7IWiM0uuU0vXLt8HVlQGwpdLkN9lwInFvE5VgQIGPBcy9E3Boq66h1FHr-bpz97NOTsienOXy0gZji1bGqdAcnh-AyBGkT5BOkHyh8n_jhKf_HBMkdjp0qoh9',
  },
} as const;

const EC = {
  'P-256': {
    one: {
      x: 'yVpYGbsIFyoZ2hRHiq18lgXJRY7WMoRuVK0U9j6oHew',
      y: '6l7WDCBIa7kcusbjV-tVj2Z_U__G1HpiT_6KSEKpWPg',
      d: 'R1b6U-J7GyW6Uf8yy1R5tCBnGpiPf9aw4c_sywTWyek',
    },
    other: {
      x: 'Omdy3UfegqF0CLBUTI4XddmhuOuH4gAvjCFdVP5Bu-I',
      y: '3ooxS6SoEyaTOpVYoNmGFmuPUJkZWpPAkxbgRO8lp1A',
      d: 'OlPX9bsv3X5xYbByfDsodO26VsWjsip_RnRbArZttsY',
    },
  },
  'P-384': {
    one: {
      x: 'S-a_Yk60mPM5ZrrFwhzDc-Uo9llLKCYZ9HOuMT0edIE905AaT1QohpVbQWdBct4K',
      y: 'NOANiTJZBwuzdVoijQ7bqqyRzYwTgFjtMdvbwllpzFD9Rs0EL5QsV1M64lNZbsux',
      d: 'PjJXLjX_4LH8K6emFCFO5VFWjEgYy0pwQmN73GEFeEqLwQ_-t5TH__2XVOKrGlVk',
    },
    other: {
      x: 'CNwua02mDTlnY1mN71R4v_5Q5ljEJ7h-08cXQa04mHPKAe1AsHE6ag55IIB2OqKI',
      y: 'v8SqiRwJzj-3Gx1kJFaGCPUkAOL0huL3Iv_UM24QPI3hoDY9nUr_ytQr4f5f6tW_',
      d: 'RHZ-izUainZHEZ9BGbBBkxGVZKyiw16HqM1xFaLln4RJRu4AJEZlG_HKDfF4-OC8',
    },
  },
  'P-521': {
    one: {
      x: 'Af9nl9AVHeUKBvKO-it_tJsXxr4IJiVB5_nCwP3BwcqpT_qvHnGT611dOZkLaRDPHFOx7XIC3NfQMC_70ae4bjFR',
      y: 'AEztic2r86ky69vTWE2eNqAYrUAiX4tgTfdHt1rovnydcfgxCsCK2ZwPi9rBNPjT9R0yGIxSX4ss2uN0LUSF-3np',
      d: 'AJiaahEYIdSR9wCZqcQa_VlcDr7jQGute3hjDzGvAwSs6CZ3inmzsH2-gjuiG_I7OTi7tlmHz3CzLvhvdRh2uXYP',
    },
    other: {
      x: 'ATbbs1kfZJrASB0oPNuW0bkIaihdk9ySRnA2KZPSQDK5RBDeYsshH-MDNI66mU2mb7F2hHvdapZCe8RG6Vgls-o7',
      y: 'AUR2OZUocBIUlcHc21iiPiCG8bHBDBahnkcE97J9pDs1fs7KtTyzioR2JR3JcI_ijyfN4wFp0e8MmyxcukCW9QgV',
      d: 'AYcoIavxINlt_x3krCGqNnG0EG4ACoeKXer1MGJLCXpUAdlSzjYiqvPht9XKhjUlP_1BTtha8hBs6eHrAAjxlMbs',
    },
  },
} as const;

/** A key pair of RSA: two of 2048 bits, one of 1024, one of 3072. */
export function rsaKey(name: keyof typeof RSA): RsaPrivateKey {
  const { n, e, d, p, q, dp, dq, qi } = RSA[name];
  return {
    kind: 'rsa',
    modulus: octetsOf(n),
    exponent: octetsOf(e),
    privateExponent: octetsOf(d),
    prime1: octetsOf(p),
    prime2: octetsOf(q),
    exponent1: octetsOf(dp),
    exponent2: octetsOf(dq),
    coefficient: octetsOf(qi),
  };
}

/** A private key of ECDSA: two of each curve. */
export function ecdsaKey(curve: SignatureCurve, name: 'one' | 'other'): EcdsaPrivateKey {
  return { kind: 'ecdsa', curve, scalar: octetsOf(EC[curve][name].d) };
}

/** What verifies the signatures of the key of that name. */
export function ecdsaPublicKey(curve: SignatureCurve, name: 'one' | 'other'): EcdsaPublicKey {
  const { x, y } = EC[curve][name];
  return { kind: 'ecdsa', curve, point: Uint8Array.of(4, ...octetsOf(x), ...octetsOf(y)) };
}

/** Likewise of RSA. */
export function rsaPublicKey(name: keyof typeof RSA): RsaPublicKey {
  const { modulus, exponent } = rsaKey(name);
  return { kind: 'rsa', modulus, exponent };
}

/** What verifies the signatures of a key of these. */
export function publicKeyOf(key: RsaPrivateKey | EcdsaPrivateKey): RsaPublicKey | EcdsaPublicKey {
  if (key.kind === 'rsa') return { kind: 'rsa', modulus: key.modulus, exponent: key.exponent };
  const isOne = equalOctets(octetsOf(EC[key.curve].one.d), key.scalar);
  return ecdsaPublicKey(key.curve, isOne ? 'one' : 'other');
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** base64url (RFC 4648 §5), without padding. */
function octetsOf(text: string): Uint8Array {
  const octets = new Uint8Array(Math.floor((text.length * 6) / 8));
  let [bits, held, at] = [0, 0, 0];
  for (const digit of text) {
    bits = ((bits << 6) | DIGITS.indexOf(digit)) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    octets[at++] = bits >>> held;
  }
  return octets;
}

/** NAT-D and NAT-OA of draft-ietf-ipsec-nat-t-ike-04 to -08, before RFC 3547 took the numbers. */
export const NAT_D_BEFORE = 15;
export const NAT_OA_BEFORE = 16;

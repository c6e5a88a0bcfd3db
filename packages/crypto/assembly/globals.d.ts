/** 1 in the module that may use relaxed SIMD, else 0; set by the build. */
declare const RELAXED: i32;

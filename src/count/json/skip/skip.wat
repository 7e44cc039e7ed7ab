;; Skips one JSON container or string, 64 bytes at a time: the hot loop of counting, in WebAssembly SIMD. `skip.ts` has
;; the portable implementation and describes the results. `skip-wasm.ts` contains this module, assembled.
;;
;; Each block yields three bit masks with one bit per byte: quotes, backslashes, brackets. Escaped quotes are removed. A
;; prefix exclusive-or over the remaining quotes marks the bytes inside strings. The brackets outside of strings are
;; processed one by one with a stack of opening bytes. (After Langdale and Lemire, "Parsing Gigabytes of JSON per
;; Second", 2019.)
;;
;; With a key filter, the opening quotes are processed too, down to the filtered depth.
;;
;; Memory: at 0 the depth, at 4 whether a string is open, at 8 whether the next byte is escaped, at 12 the filtered depth
;; (i32 each; setting a global from outside costs more than all the rest of a short run), at 16 the stack of 1024 bytes,
;; at 1040 the key filter in the layout of `key-filter.ts` (268 bytes), at 1308 the number of skipped siblings (-1 if they
;; are not skipped), at 1312 the bytes to read, followed by 64 spaces.
(module
  (memory (export "memory") 2)

  ;; Whether the string that opens at $quote may be a name of the key filter. True if $end cuts it.
  (func $may_match (param $quote i32) (param $end i32) (result i32)
    (local $start i32) (local $left i32) (local $pattern i32)
    (if (i32.gt_u (i32.add (local.get $quote) (i32.const 4)) (local.get $end)) (then (return (i32.const 1))))
    (local.set $start (i32.load (local.get $quote)))
    ;; Most strings are excluded by their first byte.
    (if (i64.eqz
          (i64.and
            (i64.shr_u
              (i64.load (i32.const 1040))
              (i64.extend_i32_u (i32.shr_u (local.get $start) (i32.const 8))))
            (i64.const 1)))
      (then (return (i32.const 0))))
    (local.set $left (i32.load (i32.const 1048)))
    (local.set $pattern (i32.const 1056))
    (block $none
      (loop $next
        (br_if $none (i32.eqz (local.get $left)))
        (if (i32.eq
              (i32.and (local.get $start) (i32.load offset=4 (local.get $pattern)))
              (i32.load (local.get $pattern)))
          (then (return (i32.const 1))))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $pattern (i32.add (local.get $pattern) (i32.const 8)))
        (br $next)))
    (i32.const 0))

  ;; Reads from $at up to $end. Returns the address after the skipped value and sets the depth to 0, or the address of the
  ;; opening quote of a possible name of the key filter; -1 if $end comes first; -2 if a bracket does not match the open
  ;; one or a backslash occurs outside of strings.
  (func (export "run") (param $at i32) (param $end i32) (result i32)
    (local $depth i32) (local $next i32) (local $byte i32) (local $bit i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $ea v128) (local $eb v128) (local $ec v128) (local $ed v128)
    (local $quotes i64) (local $slashes i64) (local $brackets i64) (local $strings i64)
    (local $was_escaped i64) (local $was_string i64) (local $is_escaped i64) (local $codes i64) (local $stray i64)
    (local $filtered i32) (local $openings i64) (local $before i64) (local $near i64)
    (local.set $filtered (i32.load (i32.const 12)))
    (local.set $depth (i32.load (i32.const 0)))
    (local.set $was_escaped (i64.extend_i32_u (i32.load (i32.const 8))))
    ;; All ones inside a string.
    (local.set $was_string (i64.sub (i64.const 0) (i64.extend_i32_u (i32.load (i32.const 4)))))

    (block $more
      (loop $block
        (br_if $more (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $a (v128.load offset=0 (local.get $at)))
        (local.set $b (v128.load offset=16 (local.get $at)))
        (local.set $c (v128.load offset=32 (local.get $at)))
        (local.set $d (v128.load offset=48 (local.get $at)))

        (local.set $quotes
          (i64.or
            (i64.or
              (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $a) (v128.const i8x16 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22))))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $b) (v128.const i8x16 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22)))) (i64.const 16)))
            (i64.or
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $c) (v128.const i8x16 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22)))) (i64.const 32))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $d) (v128.const i8x16 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22 0x22)))) (i64.const 48)))))

        ;; Backslashes are rare: their mask is computed only if there are any.
        (local.set $ea (i8x16.eq (local.get $a) (v128.const i8x16 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c)))
        (local.set $eb (i8x16.eq (local.get $b) (v128.const i8x16 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c)))
        (local.set $ec (i8x16.eq (local.get $c) (v128.const i8x16 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c)))
        (local.set $ed (i8x16.eq (local.get $d) (v128.const i8x16 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c 0x5c)))
        (local.set $slashes (i64.const 0))
        (local.set $is_escaped (local.get $was_escaped))
        (if (v128.any_true (v128.or (v128.or (local.get $ea) (local.get $eb)) (v128.or (local.get $ec) (local.get $ed))))
          (then
            (local.set $slashes
              (i64.or
                (i64.or
                  (i64.extend_i32_u (i8x16.bitmask (local.get $ea)))
                  (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $eb))) (i64.const 16)))
                (i64.or
                  (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $ec))) (i64.const 32))
                  (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $ed))) (i64.const 48)))))
            ;; Escaped bytes: every odd backslash of a run escapes the next byte. The subtraction carries through a run;
            ;; the pattern 1010... shows whether the run began at an odd or an even position.
            (local.set $codes
              (i64.and (local.get $slashes) (i64.xor (local.get $was_escaped) (i64.const -1))))
            (local.set $codes
              (i64.xor
                (i64.sub
                  (i64.or (i64.shl (local.get $codes) (i64.const 1)) (i64.const 0xaaaaaaaaaaaaaaaa))
                  (local.get $codes))
                (i64.const 0xaaaaaaaaaaaaaaaa)))
            (local.set $is_escaped
              (i64.xor (local.get $codes) (i64.or (local.get $slashes) (local.get $was_escaped))))
            (local.set $was_escaped (i64.shr_u (i64.and (local.get $codes) (local.get $slashes)) (i64.const 63))))
          (else (local.set $was_escaped (i64.const 0))))
        (local.set $quotes (i64.and (local.get $quotes) (i64.xor (local.get $is_escaped) (i64.const -1))))

        ;; Bytes inside strings: from each opening quote to the byte before its closing quote.
        (local.set $strings (i64.xor (local.get $quotes) (i64.shl (local.get $quotes) (i64.const 1))))
        (local.set $strings (i64.xor (local.get $strings) (i64.shl (local.get $strings) (i64.const 2))))
        (local.set $strings (i64.xor (local.get $strings) (i64.shl (local.get $strings) (i64.const 4))))
        (local.set $strings (i64.xor (local.get $strings) (i64.shl (local.get $strings) (i64.const 8))))
        (local.set $strings (i64.xor (local.get $strings) (i64.shl (local.get $strings) (i64.const 16))))
        (local.set $strings (i64.xor (local.get $strings) (i64.shl (local.get $strings) (i64.const 32))))
        (local.set $strings (i64.xor (local.get $strings) (local.get $was_string)))
        (local.set $was_string (i64.shr_s (local.get $strings) (i64.const 63)))

        (local.set $next (i32.add (local.get $at) (i32.const 64)))
        ;; Spaces follow $end: a backslash before them has escaped the first of them, not a byte of the next block.
        (if (i32.gt_u (local.get $next) (local.get $end))
          (then
            (local.set $was_escaped
              (i64.and
                (i64.shr_u (local.get $is_escaped) (i64.extend_i32_u (i32.sub (local.get $end) (local.get $at))))
                (i64.const 1)))))

        (if (i32.eqz (local.get $depth))
          (then
            ;; A skipped string ends at the first byte that is not inside a string.
            (if (i64.ne (local.get $strings) (i64.const -1))
              (then
                (return
                  (i32.add
                    (i32.add (local.get $at) (i32.const 1))
                    (i32.wrap_i64 (i64.ctz (i64.xor (local.get $strings) (i64.const -1))))))))
            (local.set $at (local.get $next))
            (br $block)))

        ;; `[` and `{` differ in one bit, and so do `]` and `}`.
        (local.set $a (v128.or (local.get $a) (v128.const i8x16 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20)))
        (local.set $b (v128.or (local.get $b) (v128.const i8x16 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20)))
        (local.set $c (v128.or (local.get $c) (v128.const i8x16 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20)))
        (local.set $d (v128.or (local.get $d) (v128.const i8x16 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20 0x20)))
        (local.set $ea (v128.or
          (i8x16.eq (local.get $a) (v128.const i8x16 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b))
          (i8x16.eq (local.get $a) (v128.const i8x16 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d))))
        (local.set $eb (v128.or
          (i8x16.eq (local.get $b) (v128.const i8x16 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b))
          (i8x16.eq (local.get $b) (v128.const i8x16 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d))))
        (local.set $ec (v128.or
          (i8x16.eq (local.get $c) (v128.const i8x16 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b))
          (i8x16.eq (local.get $c) (v128.const i8x16 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d))))
        (local.set $ed (v128.or
          (i8x16.eq (local.get $d) (v128.const i8x16 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b 0x7b))
          (i8x16.eq (local.get $d) (v128.const i8x16 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d 0x7d))))
        (local.set $brackets
          (i64.and
            (i64.xor (local.get $strings) (i64.const -1))
            (i64.or
              (i64.or
                (i64.extend_i32_u (i8x16.bitmask (local.get $ea)))
                (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $eb))) (i64.const 16)))
              (i64.or
                (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $ec))) (i64.const 32))
                (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $ed))) (i64.const 48))))))

        ;; After a backslash outside of strings, the masks of this block are not reliable.
        (local.set $stray (i64.and (local.get $slashes) (i64.xor (local.get $strings) (i64.const -1))))
        (if (i64.ne (local.get $stray) (i64.const 0))
          (then
            (local.set $brackets
              (i64.and
                (local.get $brackets)
                (i64.sub (i64.and (local.get $stray) (i64.sub (i64.const 0) (local.get $stray))) (i64.const 1))))))

        (local.set $openings (i64.const 0))
        (if (local.get $filtered)
          (then
            (local.set $openings (i64.and (local.get $quotes) (local.get $strings)))
            (if (i64.ne (local.get $stray) (i64.const 0))
              (then
                (local.set $openings
                  (i64.and
                    (local.get $openings)
                    (i64.sub (i64.and (local.get $stray) (i64.sub (i64.const 0) (local.get $stray))) (i64.const 1))))))))

        (block $followed
          (loop $bracket
            (if (i64.ne (local.get $openings) (i64.const 0))
              (then
                ;; The quotes before the next bracket, or all of them.
                (local.set $before
                  (i64.sub (i64.and (local.get $brackets) (i64.sub (i64.const 0) (local.get $brackets))) (i64.const 1)))
                (if (i32.le_u (local.get $depth) (local.get $filtered))
                  (then
                    (local.set $near (i64.and (local.get $openings) (local.get $before)))
                    (block $looked
                      (loop $opening
                        (br_if $looked (i64.eqz (local.get $near)))
                        (local.set $bit (i32.add (local.get $at) (i32.wrap_i64 (i64.ctz (local.get $near)))))
                        (if (call $may_match (local.get $bit) (local.get $end))
                          (then
                            (i32.store (i32.const 0) (local.get $depth))
                            (i32.store (i32.const 4) (i32.const 0))
                            (i32.store (i32.const 8) (i32.const 0))
                            (return (local.get $bit))))
                        (local.set $near (i64.and (local.get $near) (i64.sub (local.get $near) (i64.const 1))))
                        (br $opening)))))
                (local.set $openings
                  (i64.and (local.get $openings) (i64.xor (local.get $before) (i64.const -1))))))
            (br_if $followed (i64.eqz (local.get $brackets)))
            (local.set $bit (i32.add (local.get $at) (i32.wrap_i64 (i64.ctz (local.get $brackets)))))
            (local.set $brackets (i64.and (local.get $brackets) (i64.sub (local.get $brackets) (i64.const 1))))
            (local.set $byte (i32.load8_u (local.get $bit)))
            ;; `[` and `{` have the bit of value 2 set. The closing brackets, which are 2 higher, do not.
            (if (i32.and (local.get $byte) (i32.const 2))
              (then
                (if (i32.lt_u (local.get $depth) (i32.const 1024))
                  (then (i32.store8 offset=16 (local.get $depth) (local.get $byte))))
                (local.set $depth (i32.add (local.get $depth) (i32.const 1))))
              (else
                (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))
                (if (i32.lt_u (local.get $depth) (i32.const 1024))
                  (then
                    (if (i32.ne
                          (i32.load8_u offset=16 (local.get $depth))
                          (i32.sub (local.get $byte) (i32.const 2)))
                      (then (return (i32.const -2))))))
                (if (i32.eqz (local.get $depth))
                  (then
                    ;; A sibling follows directly if the next two bytes are `,{` and the bracket is in this block.
                    (if (i32.and
                          (i32.and
                            (i32.ge_s (i32.load (i32.const 1308)) (i32.const 0))
                            (i32.eq (i32.load16_u offset=1 (local.get $bit)) (i32.const 0x7b2c)))
                          (i32.lt_u (i32.add (local.get $bit) (i32.const 2)) (local.get $next)))
                      (then
                        (i32.store (i32.const 1308) (i32.add (i32.load (i32.const 1308)) (i32.const 1))))
                      (else
                        (i32.store (i32.const 0) (i32.const 0))
                        (return (i32.add (local.get $bit) (i32.const 1)))))))))
            (br $bracket)))

        (if (i64.ne (local.get $stray) (i64.const 0)) (then (return (i32.const -2))))
        (local.set $at (local.get $next))
        (br $block)))

    (i32.store (i32.const 0) (local.get $depth))
    (i32.store (i32.const 4) (i32.and (i32.wrap_i64 (local.get $was_string)) (i32.const 1)))
    (i32.store (i32.const 8) (i32.wrap_i64 (local.get $was_escaped)))
    (i32.const -1))
)

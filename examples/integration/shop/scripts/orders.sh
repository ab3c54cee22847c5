printf 'id,amount\n1,10\n2,20\n' > "$OUT"

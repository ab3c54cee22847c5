# needs: orders
awk -F, 'NR > 1 { sum += $2 } END { print "revenue"; print sum }' output/orders.csv > "$OUT"

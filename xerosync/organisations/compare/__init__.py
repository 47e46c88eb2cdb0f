"""Put the charts of many organisations beside a standard; propose a standard from them."""

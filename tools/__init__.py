"""What developing needs beside the product. Nothing of the product imports it."""

"""Local features of pixels: brightness, edges, curvature and texture at several scales."""

# ghc: compile two modules with optimization, run the program and a script
# shellcheck shell=sh disable=SC2034
packages='ghc'
programs='ghc, runghc'
limit=180
prepare()
{
	printf 'the cat and the dog\n' >a.txt
	printf 'one two one\n' >b.txt
	cat >Count.hs <<'END'
module Count (count) where
import qualified Data.Map.Strict as M
count :: String -> [(String, Int)]
count = M.toList . M.fromListWith (+) . map (\w -> (w, 1)) . words
END
	cat >Main.hs <<'END'
import Count
import System.Environment
main :: IO ()
main = do
  [file] <- getArgs
  text <- readFile file
  mapM_ (\(w, n) -> putStrLn (w ++ " " ++ show n)) (count text)
  print (product [1 .. fromIntegral (length text) :: Integer])
END
}
first='ghc -v0 -O -outputdir obj -o prog Main.hs && ./prog a.txt >out/compiled && runghc Main.hs a.txt'
second='ghc -v0 -O -outputdir obj -o prog Main.hs && ./prog b.txt >out/compiled && runghc Main.hs b.txt'
second_files='Main.hs Count.hs b.txt'
